// The error summary above a form and the errors at its fields, after GOV.UK's pattern:
// the same words in both places, links that lead to the fields, focus on the summary.

import { fieldsOf } from "./answers.ts";
import type { Refusal } from "./refused.ts";

function element(id: string): HTMLElement | undefined {
	return document.getElementById(id) ?? undefined;
}

/** A field that a person can see and mend, by its name. */
function fieldOf(form: HTMLFormElement, name: string | undefined): HTMLElement | undefined {
	return fieldsOf(form).find((f) => f.name === name && f.type !== "hidden" && !f.closest(".trap"));
}

/** What an error is shown of: radio buttons have one together. */
export function errorOwner(field: HTMLElement): HTMLElement {
	return field.closest<HTMLElement>("[data-group]") ?? field;
}

export function show(form: HTMLFormElement, refusals: Refusal[], titlePrefix: string): void {
	const summary = element("summary");
	const list = element("summary-list");
	if (!summary || !list) return;
	const order = fieldsOf(form) as HTMLElement[];
	const found = refusals.map((r) => ({ ...r, at: fieldOf(form, r.field) }));
	const rank = (at: HTMLElement | undefined) => (at ? order.indexOf(at) : order.length);
	found.sort((a, b) => rank(a.at) - rank(b.at));
	const seen = new Set<HTMLElement>();
	for (const { at, message } of found) {
		if (at && seen.has(at)) continue;
		const line = document.createElement("li");
		if (at) {
			seen.add(at);
			mark(at, message);
			const link = document.createElement("a");
			link.href = `#${at.id}`;
			link.textContent = message;
			line.append(link);
		} else {
			line.textContent = message;
		}
		list.append(line);
	}
	const retry = element("retry");
	if (retry) retry.hidden = !refusals.some((r) => r.again);
	if (!document.title.startsWith(titlePrefix)) document.title = titlePrefix + document.title;
	summary.hidden = false;
	summary.focus();
}

export function clear(form: HTMLFormElement, titlePrefix: string): void {
	for (const field of form.querySelectorAll<HTMLElement>('[aria-invalid="true"]')) field.setAttribute("aria-invalid", "false");
	for (const place of form.querySelectorAll<HTMLElement>(".error")) write(place, "");
	element("summary-list")?.replaceChildren();
	const summary = element("summary");
	if (summary) summary.hidden = true;
	if (document.title.startsWith(titlePrefix)) document.title = document.title.slice(titlePrefix.length);
}

/** Writes an error at a field, or takes it away. */
export function mark(field: HTMLElement, message: string): void {
	const owner = errorOwner(field);
	owner.setAttribute("aria-invalid", String(message !== ""));
	const place = placeOf(owner);
	if (place) write(place, message);
}

/**
 * Takes the error of a field away and leaves its room. A field is judged when the next
 * one is clicked: what moves then slips from under the pointer, and the click is lost.
 */
export function mend(field: HTMLElement): void {
	const owner = errorOwner(field);
	owner.setAttribute("aria-invalid", "false");
	const place = placeOf(owner);
	if (!place?.textContent) return;
	const room = place.offsetHeight;
	write(place, "\u00a0");
	place.style.height = `${room}px`;
}

function placeOf(owner: HTMLElement): HTMLElement | undefined {
	return element(`${owner.dataset.group ?? owner.id}-error`);
}

function write(place: HTMLElement, message: string): void {
	place.textContent = message;
	place.style.height = "";
}

/** Lets the links of the summary lead into the fields. */
export function lead(): void {
	element("summary-list")?.addEventListener("click", (event) => {
		const link = (event.target as HTMLElement).closest("a");
		const field = link && element(link.hash.slice(1));
		if (!field) return;
		event.preventDefault();
		field.focus();
		field.scrollIntoView({ block: "center" });
	});
}
