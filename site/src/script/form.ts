// Sends a form as JSON and shows the answer without leaving the page. It works without
// this file; the server alone decides what is valid.

import type { FormSays } from "../text/text.ts";
import { answers, fieldsOf, read, retype, typed } from "./answers.ts";
import { type Draft, keyOfTaken, newKey, noteTaken, recallDraft } from "./draft.ts";
import { forget, recall, remember } from "./memory.ts";
import type { Sent } from "./receipt.ts";
import { type Refusal, refusals } from "./refused.ts";
import { looksMended } from "./rules.ts";
import { clear, errorOwner, lead, mend, show } from "./summary.ts";
import { shape } from "./token.ts";

const patience = 30_000; // ms: longer than the API takes for its slowest answer

export function enhance(form: HTMLFormElement, taken: (sent: Sent) => void): void {
	const button = document.getElementById("submit") as HTMLButtonElement;
	const status = document.getElementById("status") as HTMLElement;
	const says: FormSays = JSON.parse(form.dataset.says ?? "{}");
	const { receipt = "", member = "", parameter = "" } = form.dataset;
	const label = button.textContent;
	const name = `form ${new URL(form.action).pathname}`;
	let sending = false;
	let touched = false; // something was typed since the page was shown
	let fetching = false;
	let draft = begin();
	let over = false; // taken: nothing of it is kept any more

	lead();
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		void send();
	});
	form.addEventListener("focusin", () => void fetchStamp());
	form.addEventListener("input", ({ target }) => {
		if ((target as HTMLInputElement).type !== "checkbox") touched = true; // ticks have to be set anew
		keep();
	});
	form.addEventListener("change", (event) => {
		keep();
		const field = event.target as HTMLInputElement;
		if (errorOwner(field).getAttribute("aria-invalid") !== "true") return;
		if (looksMended(field.name, field.type === "checkbox" ? field.checked : field.value)) mend(field);
	});
	window.addEventListener("online", () => {
		if (retry()?.hidden === false) status.textContent = says.online;
	});
	window.addEventListener("pageshow", (event) => {
		if (!event.persisted) return; // back from the receipt: what is sent now is another request
		const { key } = draft;
		touched = false;
		stampField("");
		draft = begin();
		if (recall(`${name} taken`) === key) noteTaken(key); // on another page, after an answer was lost here
		clear(form, says.titlePrefix);
		idle();
		over = false;
	});

	/** The draft of this tab. What the server wrote into the fields is newer. */
	function begin(): Draft {
		const kept = recallDraft(name);
		const shown = Object.keys(typed(form)).length > 0 || !document.getElementById("summary")?.hidden;
		if (kept) touched = true; // its key, and not that of a request before it
		if (kept && !shown) {
			retype(form, kept.typed);
			if (Object.keys(kept.typed).length > 0) status.textContent = says.restored;
		}
		if (kept?.stamp) stampField(kept.stamp.value);
		return { open: [], ...kept, key: kept?.key ?? newKey(), typed: typed(form) };
	}

	function keep(): void {
		if (over) return;
		draft.typed = typed(form);
		remember(name, draft);
	}

	function stampField(value: string): void {
		const field = form.elements.namedItem("checks.stamp");
		if (field instanceof HTMLInputElement) field.value = value;
	}

	/** The time when a person began to write. Without it nothing is refused. */
	async function fetchStamp(): Promise<void> {
		if (fetching || !form.elements.namedItem("checks.stamp")) return;
		if (draft.stamp && Date.parse(draft.stamp.expires) > Date.now()) return;
		fetching = true;
		try {
			const answer = await fetch("/api/stamp");
			const { stamp, expiresAt } = await answer.json();
			if (!answer.ok || typeof stamp !== "string") return;
			draft.stamp = { value: stamp, expires: expiresAt };
			stampField(stamp);
			keep();
		} catch {
			// Offline: sending will say so.
		} finally {
			fetching = false;
		}
	}

	async function send(): Promise<void> {
		if (sending) return;
		sending = true;
		clear(form, says.titlePrefix);
		button.setAttribute("aria-disabled", "true");
		button.textContent = status.textContent = says.sending;
		keep();
		const given = answers(form);
		if (!touched && Object.keys(draft.typed).length > 0) draft.key = keyOfTaken() ?? draft.key;
		const before = draft.open.find((o) => o.answers === given);
		const sent = before ?? { answers: given, body: JSON.stringify(read(form)) };
		if (!before) draft.open.push(sent);
		keep();
		let refused: Refusal[];
		try {
			const answer = await fetch(form.action, {
				method: "POST",
				headers: { "Content-Type": "application/json", "Idempotency-Key": draft.key },
				body: sent.body,
				signal: AbortSignal.timeout(patience),
			});
			const body = (await answer.json().catch(() => undefined)) ?? {};
			const token = body[member];
			if (answer.ok && typeof token === "string" && shape.test(token)) {
				finish(token);
				return; // still sending: a click while the next page loads is ignored too
			}
			refused = refusals(answer.status, answer.headers.get("Retry-After"), body, says);
			// This one was not taken, that is certain.
			if (!before && !refused.some((r) => r.again)) draft.open = draft.open.filter((o) => o !== sent);
			if (answer.status === 422 && !refused.some((r) => r.field !== undefined)) {
				// The key was used for other answers: these are another request.
				noteTaken(undefined);
				draft.key = newKey();
				draft.open = [];
			}
			keep();
		} catch {
			refused = [{ message: says.offline, again: true }];
		}
		idle();
		show(form, refused, says.titlePrefix);
	}

	/** Goes to the receipt, and shows the way there in case the browser is stopped. */
	function finish(token: string): void {
		over = true;
		forget(name);
		noteTaken(draft.key);
		remember(`${name} taken`, draft.key);
		taken({ token, typed: draft.typed });
		const link = document.createElement("a");
		link.href = `${receipt}?${parameter}=${encodeURIComponent(token)}`;
		link.textContent = token;
		status.replaceChildren(`${says.received} `, link);
		location.assign(link.href);
	}

	function retry(): HTMLElement | null {
		return document.getElementById("retry");
	}

	function idle(): void {
		sending = false;
		button.removeAttribute("aria-disabled");
		button.textContent = label;
		status.textContent = "";
	}
}

/** Says how many characters are left when there are few. */
export function countDown(form: HTMLFormElement): void {
	const says: FormSays = JSON.parse(form.dataset.says ?? "{}");
	for (const field of fieldsOf(form)) {
		const limit = Number(field.dataset.limit);
		const place = document.getElementById(`${field.id}-count`);
		if (!limit || !place) continue;
		field.addEventListener("input", () => {
			const left = limit - [...field.value].length;
			place.textContent = left <= limit / 10 ? (left < 0 ? says.over : says.left).replace("{n}", String(Math.abs(left))) : "";
		});
	}
}
