import { describe, expect, test } from "vitest";
import { refusals } from "../src/script/refused.ts";
import { en } from "../src/text/en.ts";

const says = en.lead.says;

describe("errors of fields", () => {
	test("are named as the fields are", () => {
		const problem = {
			errors: [
				{ pointer: "/email", code: "format", message: "no address" },
				{ pointer: "/consent/accepted", code: "required", message: "tick" },
				{ pointer: "", code: "json", message: "as a whole" },
			],
		};
		expect(refusals(422, null, problem, says)).toEqual([
			{ field: "email", message: "no address" },
			{ field: "consent.accepted", message: "tick" },
			{ field: "", message: "as a whole" },
		]);
	});

	test("say more than the status, whichever it is", () => {
		expect(refusals(400, null, { errors: [{ pointer: "/name", message: "a name" }] }, says)).toEqual([
			{ field: "name", message: "a name" },
		]);
	});

	test.each([[{ errors: [] }], [{ errors: "none" as never }], [{}]])("that are none leave it to the status: %j", (problem) => {
		expect(refusals(422, null, problem, says)).toEqual([{ message: says.changed }]);
	});
});

test.each([
	[400, says.unreadable, undefined],
	[404, says.unreadable, undefined],
	[499, says.unreadable, undefined],
	[409, says.running, true],
	[422, says.changed, undefined],
	[500, says.unavailable, true],
	[502, says.unavailable, true],
	[503, says.unavailable, true],
	[504, says.unavailable, true],
	// The head of an answer came and its body did not.
	[200, says.unavailable, true],
	[201, says.unavailable, true],
])("%d as a whole", (status, message, again) => {
	expect(refusals(status, null, {}, says)).toEqual([again ? { message, again } : { message }]);
});

test.each([
	[null, says.limited],
	["", says.limited],
	["0", says.limited],
	["-5", says.limited],
	["Fri, 27 Nov 2026 12:00:00 GMT", says.limited],
	["1", says.limitedOne],
	["60", says.limitedOne],
	["61", says.limitedMany.replace("{n}", "2")],
	["412", says.limitedMany.replace("{n}", "7")],
	["3600", says.limitedMany.replace("{n}", "60")],
])("429 with Retry-After %j", (retryAfter, message) => {
	expect(refusals(429, retryAfter, {}, says)).toEqual([{ message }]);
});
