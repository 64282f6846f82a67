// What a tab keeps of a request until it was taken, and what is left of it then: its key.

import type { Typed } from "./answers.ts";
import { recall } from "./memory.ts";

export interface Draft {
	/** The Idempotency-Key: one for one request, through reloads and repeats. */
	key: string;
	typed: Typed;
	stamp?: { value: string; expires: string };
	/**
	 * What was sent under the key, as long as nobody knows whether it arrived: all answers,
	 * and the body. The same answers are sent as the same body, whatever page they stand on.
	 */
	open: { answers: string; body: string }[];
}

/** What was stored may be of an older page, or of somebody else's making. */
export function recallDraft(name: string): Draft | undefined {
	const kept = recall<Partial<Draft>>(name);
	if (typeof kept?.key !== "string" || !/^[\w-]{16,64}$/.test(kept.key) || typeof kept.typed !== "object" || !kept.typed) return undefined;
	return {
		key: kept.key,
		typed: kept.typed,
		...(typeof kept.stamp?.value === "string" && { stamp: kept.stamp }),
		open: Array.isArray(kept.open) ? kept.open.filter((o) => typeof o?.answers === "string" && typeof o.body === "string") : [],
	};
}

/** Browsers give randomUUID to secure origins only. */
export function newKey(): string {
	return crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/**
 * Notes in the history entry of the form that it was taken under a key. Whoever goes back
 * and sends it untouched means the same request, and gets the same receipt.
 */
export function noteTaken(key: string | undefined): void {
	try {
		history.replaceState({ ...history.state, taken: key }, "");
	} catch {
		// Refused by the browser: a repeat is then another request.
	}
}

export function keyOfTaken(): string | undefined {
	const key: unknown = history.state?.taken;
	return typeof key === "string" ? key : undefined;
}
