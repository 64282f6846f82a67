// The receipt: what was sent, masked, out of the tab's memory; the reference to copy; and,
// where no server filled it in, the reference of the address.

import type { Typed } from "./answers.ts";
import { recall } from "./memory.ts";
import { shape } from "./token.ts";

/** What is shown again on the receipt. */
export interface Sent {
	token: string;
	typed: Typed;
}

export function receipt(): void {
	const place = document.getElementById("reference");
	const received = document.getElementById("received");
	if (!place || !received) return;
	if (!place.textContent) fill(place, received);
	if (!place.textContent) return;
	copyable(place.textContent);
	sent(place.textContent);
}

function fill(place: HTMLElement, received: HTMLElement): void {
	const { parameter = "", prefix } = received.dataset;
	const token = new URLSearchParams(location.search).get(parameter) ?? "";
	if (shape.exec(token)?.[1] !== prefix) return; // whether there is such a request is not asked
	place.textContent = token;
	received.hidden = false;
	document.getElementById("nothing")?.setAttribute("hidden", "");
	for (const id of ["language", "onward"]) {
		const link = document.getElementById(id);
		if (!(link instanceof HTMLAnchorElement)) continue;
		if (id === "language") link.search = location.search;
		else if (parameter === "ref") link.search = `?reference=${token}`;
	}
	received.querySelector("h1")?.focus();
}

function copyable(reference: string): void {
	const button = document.getElementById("copy");
	const said = document.getElementById("copied");
	if (!button || !said || !navigator.clipboard) return;
	button.hidden = false;
	button.addEventListener("click", async () => {
		try {
			await navigator.clipboard.writeText(reference);
			said.textContent = button.dataset.copied ?? "";
		} catch {
			// Refused by the browser: the reference stands beside the button.
			getSelection()?.selectAllChildren(document.getElementById("reference") as HTMLElement);
		}
	});
}

function sent(reference: string): void {
	const kept = recall<Partial<Sent>>("receipt");
	const place = document.getElementById("sent");
	if (!place || kept?.token !== reference || !kept.typed) return;
	for (const line of place.querySelectorAll<HTMLElement>("[data-sent]")) {
		const value = kept.typed[line.dataset.sent ?? ""];
		const shown = line.querySelector("dd");
		if (typeof value !== "string" || !value || !shown) continue;
		shown.textContent = value;
		line.hidden = false;
		place.hidden = false;
	}
}

/** Enough to recognise, not enough for who looks over a shoulder. */
export function masked({ token, typed }: Sent): Sent {
	const email = String(typed.email ?? "");
	const at = email.lastIndexOf("@");
	const phone = String(typed.phone ?? "").replace(/\D/g, "");
	const name = String(typed.name ?? "").trim();
	return {
		token,
		typed: {
			name: /\s/.test(name) ? name.replace(/(?<=^\S+\s+\S).*$/su, ".") : name.replace(/(?<=^.).*$/su, "•••"),
			email: at > 0 ? `${email[0]}•••${email.slice(at)}` : "",
			phone: phone ? `•••• ${phone.slice(-4)}` : "",
			reference: String(typed.reference ?? ""),
		},
	};
}
