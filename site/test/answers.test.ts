// @vitest-environment happy-dom

import { beforeEach, describe, expect, test } from "vitest";
import { answers, fieldsOf, read, retype, typed } from "../src/script/answers.ts";

let form: HTMLFormElement;

function field(name: string): HTMLInputElement {
	return form.elements.namedItem(name) as HTMLInputElement;
}

beforeEach(() => {
	document.body.innerHTML = `<form id="form">
		<input id="name" name="name"><input id="email" name="email" type="email"><textarea id="message" name="message"></textarea>
		<fieldset><input type="radio" name="kind" value="access" id="kind-access"><input type="radio" name="kind" value="erase" id="kind-erase"></fieldset>
		<input type="checkbox" name="consent.accepted" value="on" id="consent-accepted">
		<div class="trap"><input name="checks.trap" id="checks-trap"></div>
		<input type="hidden" name="checks.stamp"><input type="hidden" name="utm.source"><input type="hidden" name="locale" value="en">
		<input id="nameless"><button name="pressed" value="x">Send</button>
	</form>`;
	form = document.querySelector("form") as HTMLFormElement;
});

test("fields are what has a name and an answer", () => {
	expect(fieldsOf(form).map((f) => f.name)).toEqual([
		"name",
		"email",
		"message",
		"kind",
		"kind",
		"consent.accepted",
		"checks.trap",
		"checks.stamp",
		"utm.source",
		"locale",
	]);
});

describe("read", () => {
	test("leaves out what is empty; a box that is not ticked is an answer", () => {
		expect(read(form)).toEqual({ locale: "en", consent: { accepted: false } });
	});

	test("nests by the dots of a name", () => {
		field("name").value = "Ana";
		field("message").value = " one\ntwo ";
		field("consent.accepted").checked = true;
		field("checks.stamp").value = "v1.x";
		field("checks.trap").value = "filled in by a machine";
		field("utm.source").value = "letter";
		expect(read(form)).toEqual({
			name: "Ana",
			message: " one\ntwo ",
			consent: { accepted: true },
			checks: { stamp: "v1.x", trap: "filled in by a machine" },
			utm: { source: "letter" },
			locale: "en",
		});
	});

	test("takes the radio button that is chosen", () => {
		(document.getElementById("kind-erase") as HTMLInputElement).checked = true;
		expect(read(form)).toMatchObject({ kind: "erase" });
	});
});

describe("typed and retype", () => {
	test("keep what a person typed, and nothing of ticks, the trap or hidden fields", () => {
		field("name").value = "Ana";
		field("message").value = "one\ntwo";
		field("consent.accepted").checked = true;
		field("checks.trap").value = "x";
		field("checks.stamp").value = "v1.x";
		(document.getElementById("kind-erase") as HTMLInputElement).checked = true;
		const kept = typed(form);
		expect(kept).toEqual({ name: "Ana", message: "one\ntwo", "kind-erase": true });
		expect(JSON.parse(answers(form))).toEqual({ ...kept, "consent-accepted": true });

		form.reset();
		expect(typed(form)).toEqual({});
		retype(form, JSON.parse(JSON.stringify(kept)));
		expect(field("consent.accepted").checked).toBe(false);
		expect(typed(form)).toEqual(kept);
		expect(field("checks.trap").value).toBe("");
		expect(field("locale").value).toBe("en");
	});

	test("take no other kind of answer than the field has", () => {
		retype(form, { name: true, "consent-accepted": "on", email: "a@b.c" });
		expect(typed(form)).toEqual({ email: "a@b.c" });
	});
});
