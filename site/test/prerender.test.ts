// @vitest-environment happy-dom

import { describe, expect, test } from "vitest";
import { prerender } from "../src/prerender.tsx";
import { built } from "./page.ts";

const pages = Object.keys(built.files).filter((path) => path.endsWith(".html"));

function read(html: string): Document {
	return new DOMParser().parseFromString(html, "text/html");
}

function isShown(element: Element): boolean {
	return !element.closest("[hidden]");
}

test("there are the pages of both languages", () => {
	expect(pages).toEqual(
		expect.arrayContaining(["/a.html", "/b.html", "/en/a.html", "/en/b.html", "/404.html", "/en/404.html", "/obrigado/index.html"]),
	);
	expect(pages.filter((p) => p.startsWith("/en/"))).toHaveLength(pages.length / 2);
});

describe.each(pages)("%s", (path) => {
	const page = read(built.files[path] ?? "");
	const all = [...page.querySelectorAll("*")];
	const named = new Map(all.filter((e) => e.id).map((e) => [e.id, e]));

	test("has its language, a title, a description, and one heading of the first rank that is shown", () => {
		expect(page.documentElement.lang).toBe(path.startsWith("/en/") ? "en" : "pt-BR");
		expect(page.title).toMatch(/\S/);
		expect(page.querySelector('meta[name="description"]')?.getAttribute("content")).toMatch(/\S/);
		expect(page.querySelector('meta[name="viewport"]')?.getAttribute("content")).toBe("width=device-width, initial-scale=1");
		const headings = [...page.querySelectorAll("h1")].filter(isShown);
		expect(headings).toHaveLength(1);
		expect(headings[0]?.textContent).toMatch(/\S/);
	});

	test("has landmarks, and a link past the first ones that leads to the main one", () => {
		for (const tag of ["header", "main", "footer"]) expect(page.querySelectorAll(tag)).toHaveLength(1);
		expect(page.body.firstElementChild?.getAttribute("href")).toBe(`#${page.querySelector("main")?.id}`);
	});

	test("skips no rank of headings", () => {
		let rank = 0;
		for (const heading of [...page.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(isShown)) {
			const own = Number(heading.tagName.slice(1));
			expect(own, heading.textContent ?? "").toBeLessThanOrEqual(rank + 1);
			rank = own;
		}
	});

	test("has each id once", () => {
		const ids = all.filter((e) => e.id).map((e) => e.id);
		expect(ids).toEqual([...new Set(ids)]);
	});

	test("points to ids that are there", () => {
		const pointers = ["for", "form", "aria-labelledby", "aria-describedby", "aria-controls", "aria-details", "list"];
		for (const element of all) {
			for (const pointer of pointers) {
				for (const id of element.getAttribute(pointer)?.split(/\s+/) ?? []) {
					expect(named.has(id), `${element.tagName} ${pointer}=${id}`).toBe(true);
				}
			}
			const href = element.getAttribute("href");
			if (href?.startsWith("#")) expect(named.has(href.slice(1)), href).toBe(true);
		}
	});

	test("names every field, button and link", () => {
		for (const field of page.querySelectorAll("input:not([type=hidden]), textarea, select")) {
			expect(page.querySelector(`label[for="${field.id}"]`)?.textContent, field.outerHTML).toMatch(/\S/);
			if (field.closest(".trap")) continue;
			// Radio buttons have one error for all: their group points to it.
			const group = field.getAttribute("type") === "radio" ? field.closest("fieldset") : undefined;
			const error = `${group ? field.getAttribute("name") : field.id}-error`;
			expect((group ?? field).getAttribute("aria-describedby"), field.outerHTML).toContain(error);
		}
		for (const control of page.querySelectorAll("button, a")) {
			expect(control.getAttribute("aria-label") ?? control.textContent, control.outerHTML).toMatch(/\S/);
		}
		for (const fields of page.querySelectorAll("fieldset")) expect(fields.querySelector("legend")?.textContent).toMatch(/\S/);
	});

	test("has no code and no style of its own", () => {
		for (const element of all) {
			for (const { name } of [...element.attributes]) expect(name, element.outerHTML).not.toMatch(/^(on|style$)/);
		}
		for (const script of page.querySelectorAll("script")) expect(script.getAttribute("src")).toBe("/assets/site.0123456789abcdef.js");
		expect([...page.querySelectorAll("style")].map((s) => s.textContent)).toEqual(["p{margin:0}"]);
	});

	// One that does not wait finds half a form when it comes out of the cache.
	test("has a script that waits for the whole page", () => {
		for (const script of page.querySelectorAll("script")) {
			expect(script.getAttribute("type")).toBe("module");
			expect(script.hasAttribute("async")).toBe(false);
		}
	});

	test("is no template", () => {
		expect(built.files[path]).not.toContain("{{");
		expect(built.files[path]).not.toContain("data-go");
	});

	test("takes nothing from elsewhere, and no picture without words", () => {
		for (const element of page.querySelectorAll("[src], link[rel=icon], link[rel=stylesheet]")) {
			expect(element.getAttribute("src") ?? element.getAttribute("href")).toMatch(/^\/[^/]/);
		}
		for (const picture of page.querySelectorAll("img")) expect(picture.hasAttribute("alt")).toBe(true);
		for (const drawing of page.querySelectorAll("svg")) {
			expect(drawing.getAttribute("aria-hidden") === "true" || drawing.hasAttribute("aria-label")).toBe(true);
		}
	});
});

describe("a template", () => {
	test("has its actions where they stand, not as text of an attribute", () => {
		expect(Object.keys(built.templates)).toEqual(
			expect.arrayContaining(["lead.pt-BR.a", "lead.en.b", "receipt.en", "rightsReceived.pt-BR"]),
		);
		for (const [name, text] of Object.entries(built.templates)) {
			expect(text, name).not.toContain("data-go");
			for (const action of text.match(/\{\{.*?\}\}/g) ?? []) expect(action, name).not.toMatch(/&(quot|amp|lt|gt|#\d+);/);
			expect((text.match(/\{\{/g) ?? []).length, name).toBe((text.match(/\}\}/g) ?? []).length);
		}
	});

	test("never writes the trap or the stamp back", () => {
		for (const [name, text] of Object.entries(built.templates)) expect(text, name).not.toMatch(/\{\{[^}]*checks/);
	});
});

describe("the day of the build", () => {
	test.each(["2026-01-31", "2026-02-01", "2026-12-31", "2028-02-29"])(
		"%s: security.txt expires in less than a year, and not soon",
		async (date) => {
			const day = new Date(`${date}T23:59:59Z`);
			const { files } = await prerender({ origin: "https://nigredo.example", css: "", script: "/x.js", day });
			const expires = Date.parse(/^Expires: (.*)$/m.exec(files["/.well-known/security.txt"] ?? "")?.[1] ?? "");
			const days = (expires - day.getTime()) / 86_400_000;
			expect(days).toBeGreaterThan(300);
			expect(days).toBeLessThan(365);
		},
	);
});
