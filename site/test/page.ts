// A page of the site in the test's document, and a server that answers when it is told to.

import { vi } from "vitest";
import { prerender } from "../src/prerender.tsx";
import { countDown, enhance } from "../src/script/form.ts";
import type { Sent } from "../src/script/receipt.ts";

export const built = await prerender({
	origin: "https://nigredo.example",
	css: "p{margin:0}",
	script: "/assets/site.0123456789abcdef.js",
	day: new Date("2026-11-27T12:00:00Z"),
});

/** A file of the build as a document. */
export function parse(path: string): Document {
	const html = built.files[path];
	if (html === undefined) throw new Error(`the build has no ${path}`);
	// Unlike browsers, happy-dom keeps the line break after the tag.
	return new DOMParser().parseFromString(html.replace(/(<textarea[^>]*>)\n/, "$1"), "text/html");
}

/** Shows a file of the build. A second call is a reload: the tab's memory stays. */
export function open(path: string): void {
	const page = parse(path);
	document.title = page.title;
	document.body.innerHTML = page.body.innerHTML;
}

export function byId<T extends HTMLElement = HTMLInputElement>(id: string): T {
	const found = document.getElementById(id);
	if (!found) throw new Error(`no #${id} on the page`);
	return found as T;
}

/** The landing page with its script at work, and what it handed over when it was taken. */
export function openForm(path = "/en/a.html"): { taken: Sent[] } {
	open(path);
	const taken: Sent[] = [];
	enhance(byId<HTMLFormElement>("form"), (t) => taken.push(t));
	countDown(byId<HTMLFormElement>("form"));
	return { taken };
}

export function type(id: string, value: string): void {
	byId(id).value = value;
	byId(id).dispatchEvent(new Event("input", { bubbles: true }));
	byId(id).dispatchEvent(new Event("change", { bubbles: true }));
}

export function tick(id: string): void {
	byId(id).click();
}

export function press(id: "submit" | "retry"): void {
	byId(id).click();
}

/** Lets everything run that waited for an answer. */
export function turn(): Promise<void> {
	return new Promise((done) => setTimeout(done));
}

export interface Call {
	path: string;
	init: RequestInit;
	body: Record<string, unknown>;
	key: string;
	answer(status: number, body?: unknown, headers?: Record<string, string>): Promise<void>;
	fail(error?: Error): Promise<void>;
}

/** Stands in for fetch: each call waits until the test answers it. */
export function serve(): { leads: Call[]; stamps: Call[] } {
	const leads: Call[] = [];
	const stamps: Call[] = [];
	vi.stubGlobal("fetch", (url: string, init: RequestInit = {}) => {
		return new Promise((resolve, reject) => {
			const path = new URL(url, location.href).pathname;
			const call: Call = {
				path,
				init,
				body: init.body ? JSON.parse(String(init.body)) : {},
				key: new Headers(init.headers).get("Idempotency-Key") ?? "",
				answer(status, body, headers) {
					const json = () => (body === undefined ? Promise.reject(new SyntaxError("no JSON")) : Promise.resolve(body));
					resolve({ ok: status >= 200 && status < 300, status, headers: new Headers(headers), json });
					return turn();
				},
				fail(error = new TypeError("Failed to fetch")) {
					reject(error);
					return turn();
				},
			};
			(path === "/api/stamp" ? stamps : leads).push(call);
		});
	});
	return { leads, stamps };
}

/** The one call that a test expects. */
export function only(calls: Call[]): Call {
	const [call] = calls;
	if (!call || calls.length !== 1) throw new Error(`${calls.length} calls, want 1`);
	return call;
}

export function last(calls: Call[]): Call {
	const call = calls.at(-1);
	if (!call) throw new Error("no call");
	return call;
}
