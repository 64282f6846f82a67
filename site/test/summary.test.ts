// @vitest-environment happy-dom

import { beforeEach, expect, test } from "vitest";
import { clear, lead, mark, show } from "../src/script/summary.ts";
import { en } from "../src/text/en.ts";
import { byId, open } from "./page.ts";

const prefix = en.lead.says.titlePrefix;
let form: HTMLFormElement;

beforeEach(() => {
	open("/en/a.html");
	form = byId<HTMLFormElement>("form");
});

function lines(): string[] {
	return [...document.querySelectorAll("#summary-list li")].map((li) => {
		const link = li.querySelector("a");
		return `${link ? link.getAttribute("href") : "-"} ${li.textContent}`;
	});
}

test("follows the page, one line for a field, and links to what can be mended", () => {
	show(
		form,
		[
			{ field: "utm.source", message: "hidden" },
			{ message: "as a whole" },
			{ field: "consent.accepted", message: "consent" },
			{ field: "checks.trap", message: "trap" },
			{ field: "email", message: "email" },
			{ field: "email", message: "email again" },
			{ field: "name", message: "name" },
			{ field: "no such field", message: "unknown" },
		],
		prefix,
	);
	expect(lines()).toEqual(["#name name", "#email email", "#consent-accepted consent", "- hidden", "- as a whole", "- trap", "- unknown"]);
	expect(byId("email-error").textContent).toBe("email");
	expect([...form.querySelectorAll('[aria-invalid="true"]')].map((f) => f.id)).toEqual(["name", "email", "consent-accepted"]);
});

test("is text, whatever the server says", () => {
	const hostile = '<img src=x onerror="alert(1)">';
	show(form, [{ field: "name", message: hostile }, { message: hostile }], prefix);
	expect(lines()).toEqual([`#name ${hostile}`, `- ${hostile}`]);
	expect(byId("name-error").textContent).toBe(hostile);
	expect(document.querySelector("img")).toBeNull();
});

test("takes the focus, and the title says that there is an error, once", () => {
	show(form, [{ message: "x" }], prefix);
	show(form, [{ message: "y" }], prefix);
	expect(byId("summary").hidden).toBe(false);
	expect(document.activeElement).toBe(byId("summary"));
	expect(document.title).toBe(prefix + en.landing.title);
});

test("is cleared with all its errors, those of the server too", () => {
	document.title = prefix + document.title;
	byId("summary").hidden = false;
	byId("summary-list").innerHTML = '<li><a href="#phone">by the server</a></li>';
	mark(byId("phone"), "by the server");
	clear(form, prefix);
	expect(byId("summary").hidden).toBe(true);
	expect(lines()).toEqual([]);
	expect(byId("phone-error").textContent).toBe("");
	expect(byId("phone").getAttribute("aria-invalid")).toBe("false");
	expect(document.title).toBe(en.landing.title);
	clear(form, prefix);
	expect(document.title).toBe(en.landing.title);
});

test("leads into the fields", () => {
	lead();
	show(form, [{ field: "email", message: "email" }], prefix);
	const link = document.querySelector<HTMLAnchorElement>("#summary-list a");
	const click = new MouseEvent("click", { bubbles: true, cancelable: true });
	link?.dispatchEvent(click);
	expect(click.defaultPrevented).toBe(true);
	expect(document.activeElement).toBe(byId("email"));
});

test("leaves other links alone", () => {
	lead();
	byId("summary-list").innerHTML = '<li><a href="#no-such-field">x</a></li>';
	const click = new MouseEvent("click", { bubbles: true, cancelable: true });
	document.querySelector("#summary-list a")?.dispatchEvent(click);
	expect(click.defaultPrevented).toBe(false);
});

test("marks a group of radio buttons at its first, and writes at the group", () => {
	form.insertAdjacentHTML(
		"afterbegin",
		`<fieldset><p id="kind-error"></p><input type="radio" name="kind" id="kind-access" data-group="kind"><input type="radio" name="kind" id="kind-erase" data-group="kind"></fieldset>`,
	);
	show(form, [{ field: "kind", message: "choose" }], prefix);
	expect(lines()).toEqual(["#kind-access choose"]);
	expect(byId("kind-error").textContent).toBe("choose");
});
