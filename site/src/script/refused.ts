// What a form says when the server did not take it.

import type { FormSays } from "../text/text.ts";

/** An error of one field, or of the form as a whole. */
export interface Refusal {
	/** Name of the field. */
	field?: string;
	message: string;
	/** Sending the same again may help. */
	again?: boolean;
}

interface Problem {
	errors?: ({ pointer?: unknown; message?: unknown } | null)[];
}

export function refusals(status: number, retryAfter: string | null, problem: Problem, says: FormSays): Refusal[] {
	const errors = Array.isArray(problem.errors) ? problem.errors : [];
	const told = errors.filter(
		(e): e is { pointer: string; message: string } => typeof e?.pointer === "string" && typeof e.message === "string",
	);
	if (told.length > 0) return told.map(({ pointer, message }) => ({ field: pointer.slice(1).replaceAll("/", "."), message }));
	if (status === 429) return [{ message: limited(retryAfter, says) }];
	if (status === 409) return [{ message: says.running, again: true }];
	if (status === 413) return [{ message: says.tooLarge }];
	if (status === 422) return [{ message: says.changed }];
	if (status >= 400 && status < 500) return [{ message: says.unreadable }];
	// Or it was taken, and the answer was cut off: sent again, it is the same request.
	return [{ message: says.unavailable, again: true }];
}

function limited(retryAfter: string | null, says: FormSays): string {
	const minutes = Math.ceil(Number(retryAfter) / 60);
	if (!(minutes > 0 && minutes <= 24 * 60)) return says.limited; // a date, or nonsense
	return minutes === 1 ? says.limitedOne : says.limitedMany.replace("{n}", String(minutes));
}
