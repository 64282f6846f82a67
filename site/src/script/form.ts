// Sends a form as JSON and shows the answer without leaving the page. It works without
// this file; the server alone decides what is valid.

import type { FormSays } from "../text/text.ts";
import { fieldsOf, read, retype, type Typed, typed } from "./answers.ts";
import { forget, recall, remember } from "./memory.ts";
import { type Refusal, refusals } from "./refused.ts";
import { looksMended } from "./rules.ts";
import { clear, errorOwner, lead, mend, show } from "./summary.ts";

/** What a tab keeps of a form until it was taken. */
interface Draft {
	key: string;
	typed: Typed;
	stamp?: { value: string; expires: string };
}

const patience = 30_000; // ms: longer than the API takes for its slowest answer

export interface Taken {
	token: string;
	typed: Typed;
}

export function enhance(form: HTMLFormElement, taken: (t: Taken) => void): void {
	const button = document.getElementById("submit") as HTMLButtonElement;
	const status = document.getElementById("status") as HTMLElement;
	const says: FormSays = JSON.parse(form.dataset.says ?? "{}");
	const { receipt = "", member = "", parameter = "" } = form.dataset;
	const label = button.textContent;
	const name = `form ${new URL(form.action).pathname}`;
	let sending = false;
	let fetching = false;
	let draft = begin();
	let over = false; // taken: nothing of it is kept any more

	lead();
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		void send();
	});
	form.addEventListener("focusin", () => void fetchStamp());
	form.addEventListener("input", keep);
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
		stampField("");
		draft = begin();
		idle();
		over = false;
	});

	/** The draft of this tab. What the server wrote into the fields is newer. */
	function begin(): Draft {
		const kept = recall<Draft>(name);
		const shown = Object.keys(typed(form)).length > 0 || !document.getElementById("summary")?.hidden;
		if (kept && !shown) {
			retype(form, kept.typed);
			if (Object.keys(kept.typed).length > 0) status.textContent = says.restored;
		}
		if (kept?.stamp) stampField(kept.stamp.value);
		return { ...kept, key: kept?.key ?? newKey(), typed: typed(form) };
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
		let refused: Refusal[];
		try {
			const answer = await fetch(form.action, {
				method: "POST",
				headers: { "Content-Type": "application/json", "Idempotency-Key": draft.key },
				body: JSON.stringify(read(form)),
				signal: AbortSignal.timeout(patience),
			});
			const body = await answer.json().catch(() => ({}));
			if (answer.ok && typeof body[member] === "string") {
				over = true;
				forget(name); // still sending: a click while the next page loads is ignored too
				taken({ token: body[member], typed: draft.typed });
				location.assign(`${receipt}?${parameter}=${encodeURIComponent(body[member])}`);
				return;
			}
			refused = refusals(answer.status, answer.headers.get("Retry-After"), body, says);
			// The key was used for other answers: these are another request.
			if (answer.status === 422 && !refused.some((r) => r.field !== undefined)) renew();
		} catch {
			refused = [{ message: says.offline, again: true }];
		}
		idle();
		show(form, refused, says.titlePrefix);
	}

	function renew(): void {
		draft.key = newKey();
		keep();
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
			place.textContent = left <= limit / 10 ? remaining(left, says) : "";
		});
	}
}

function remaining(left: number, says: FormSays): string {
	const words = left < 0 ? [says.overOne, says.over] : [says.leftOne, says.left];
	const n = Math.abs(left);
	return (words[n === 1 ? 0 : 1] ?? "").replace("{n}", String(n));
}

/**
 * One key for one request, kept through reloads and repeats: a repeat after a lost answer
 * is the same request. Browsers give randomUUID to secure origins only.
 */
function newKey(): string {
	return crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}
