// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { enhance } from "../src/script/form.ts";
import { en } from "../src/text/en.ts";
import { byId, last, only, open, openForm, press, serve, tick, turn, type } from "./page.ts";

const says = en.lead.says;
const reference = "NG-7K3M-9Q2X";
let assign: ReturnType<typeof vi.fn>;

beforeEach(() => {
	sessionStorage.clear();
	assign = vi.fn();
	vi.spyOn(location, "assign").mockImplementation(assign as never);
});

afterEach(() => {
	vi.unstubAllGlobals();
	vi.restoreAllMocks();
});

function fillIn(): void {
	type("name", "Ana Souza");
	type("email", "ana@example.com");
	tick("consent-accepted");
}

/** The page as a browser shows it again: its files anew, its memory kept. */
function reload() {
	return openForm();
}

function lines(): string[] {
	return [...document.querySelectorAll("#summary-list li")].map((li) => li.textContent ?? "");
}

function stored(): string {
	return Object.values({ ...sessionStorage }).join("\n");
}

describe("sending", () => {
	test("posts the answers as JSON under a key", () => {
		const { leads } = serve();
		openForm();
		fillIn();
		press("submit");
		const call = only(leads);
		expect(call.path).toBe("/api/leads");
		expect(call.init.method).toBe("POST");
		expect(new Headers(call.init.headers).get("Content-Type")).toBe("application/json");
		expect(call.key).toMatch(/^[0-9a-f-]{32,36}$/);
		expect(call.body).toMatchObject({
			name: "Ana Souza",
			email: "ana@example.com",
			locale: "en",
			variant: "a",
			consent: { accepted: true, marketing: false, textId: "reply", marketingTextHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
		});
		expect(call.body).not.toHaveProperty("phone");
		expect(call.body).not.toHaveProperty("checks");
	});

	test("says so, and keeps the button in the tab order", async () => {
		const { leads } = serve();
		openForm();
		press("submit");
		expect(byId("status").textContent).toBe(says.sending);
		expect(byId("submit").textContent).toBe(says.sending);
		expect(byId("submit").getAttribute("aria-disabled")).toBe("true");
		expect(byId("submit").hasAttribute("disabled")).toBe(false);
		await only(leads).answer(503);
		expect(byId("status").textContent).toBe("");
		expect(byId("submit").textContent).toBe(en.lead.submit);
		expect(byId("submit").hasAttribute("aria-disabled")).toBe(false);
	});

	test("happens once, however often the button is pressed", async () => {
		const { leads } = serve();
		const { taken } = openForm();
		fillIn();
		press("submit");
		press("submit");
		await turn();
		press("submit");
		await only(leads).answer(201, { reference });
		press("submit"); // while the receipt loads
		await turn();
		expect(leads).toHaveLength(1);
		expect(taken).toHaveLength(1);
		expect(assign).toHaveBeenCalledTimes(1);
	});

	test("leads to the receipt, and leaves nothing of the answers behind", async () => {
		const { leads } = serve();
		const { taken } = openForm();
		fillIn();
		press("submit");
		await only(leads).answer(201, { reference: "NG-7K3M-9Q2X&x" });
		expect(assign).toHaveBeenCalledWith("/en/thank-you/?ref=NG-7K3M-9Q2X%26x");
		expect(taken).toEqual([{ token: "NG-7K3M-9Q2X&x", typed: { name: "Ana Souza", email: "ana@example.com", "consent-accepted": true } }]);
		expect(stored()).not.toContain("ana@example.com");
	});

	test("leaves nothing behind when a stamp or a key press comes after the answer", async () => {
		const { leads, stamps } = serve();
		openForm();
		byId("name").dispatchEvent(new Event("focusin", { bubbles: true }));
		fillIn();
		press("submit");
		await only(leads).answer(201, { reference });
		await only(stamps).answer(200, { stamp: "v1.late", expiresAt: "2999-01-01T00:00:00Z" });
		type("message", "too late");
		expect(stored()).not.toContain("ana@example.com");
	});

	test("works where the browser stores nothing", async () => {
		const { leads } = serve();
		vi.stubGlobal("sessionStorage", undefined);
		const { taken } = openForm();
		fillIn();
		press("submit");
		await only(leads).fail();
		expect(lines()).toEqual([says.offline]);
		press("retry");
		expect(last(leads).key).toBe(leads[0]?.key);
		await last(leads).answer(201, { reference });
		expect(taken).toHaveLength(1);
	});
});

describe("the key", () => {
	test("is kept over a send that failed and over a reload", async () => {
		const { leads } = serve();
		openForm();
		fillIn();
		press("submit");
		await last(leads).fail();
		press("submit");
		await last(leads).answer(503);
		reload();
		press("submit");
		await last(leads).answer(409);
		press("retry");
		expect(leads).toHaveLength(4);
		expect(new Set(leads.map((l) => l.key)).size).toBe(1);
	});

	test("is kept over a reload before the first send", () => {
		const { leads } = serve();
		openForm();
		fillIn();
		const kept = stored();
		reload();
		press("submit");
		expect(kept).toContain(only(leads).key);
	});

	test.each([
		["errors of fields", { errors: [{ pointer: "/email", message: "wrong" }] }],
		["an error of the post as a whole", { errors: [{ pointer: "", message: "wrong" }] }],
	])("is kept after %s", async (_, body) => {
		const { leads } = serve();
		openForm();
		press("submit");
		await last(leads).answer(422, body);
		press("submit");
		expect(leads[1]?.key).toBe(leads[0]?.key);
	});

	test("is new after a 422 that names no field: it was used for other answers", async () => {
		const { leads } = serve();
		openForm();
		fillIn();
		press("submit");
		await last(leads).answer(422, { title: "Unprocessable Content" });
		expect(lines()).toEqual([says.changed]);
		press("submit");
		expect(leads[1]?.key).not.toBe(leads[0]?.key);
		const second = leads[1]?.key;
		await last(leads).fail();
		reload();
		press("submit");
		expect(last(leads).key).toBe(second);
	});

	test.each([400, 429, 500])("is kept after a %d", async (status) => {
		const { leads } = serve();
		openForm();
		press("submit");
		await last(leads).answer(status, {});
		press("submit");
		expect(leads[1]?.key).toBe(leads[0]?.key);
	});

	test("is new after one that was taken, on a page that comes out of the back-forward cache", async () => {
		const { leads } = serve();
		openForm();
		fillIn();
		press("submit");
		await last(leads).answer(201, { reference });
		window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
		expect(byId("submit").textContent).toBe(en.lead.submit);
		type("message", "another one");
		press("submit");
		expect(leads).toHaveLength(2);
		expect(leads[1]?.key).not.toBe(leads[0]?.key);
		await last(leads).fail();
		expect(stored()).toContain("another one");
	});

	test("is new after one that was taken, on a page that is loaded anew", async () => {
		const { leads } = serve();
		openForm();
		fillIn();
		press("submit");
		await last(leads).answer(201, { reference });
		reload();
		expect(byId("name").value).toBe("");
		press("submit");
		expect(leads[1]?.key).not.toBe(leads[0]?.key);
	});

	test("is made where the browser gives no UUID", () => {
		const { leads } = serve();
		vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
		openForm();
		press("submit");
		expect(only(leads).key).toMatch(/^[0-9a-f]{32}$/);
	});
});

describe("a refusal", () => {
	const problem = { title: "Unprocessable Content" };
	test.each<[string, number, unknown, string, boolean]>([
		["unreadable", 400, problem, says.unreadable, false],
		["key used for other answers", 422, problem, says.changed, false],
		["limited", 429, problem, says.limited, false],
		["still running", 409, problem, says.running, true],
		["broken", 500, problem, says.unavailable, true],
		["unavailable, and not in JSON", 503, undefined, says.unavailable, true],
		["cut off after the head of a 201", 201, undefined, says.unavailable, true],
		["a 201 of somebody else", 200, { reference: 7 }, says.unavailable, true],
	])("%s: %d says what to do, and offers to send again only where that may help", async (_, status, body, message, again) => {
		const { leads } = serve();
		openForm();
		fillIn();
		press("submit");
		await only(leads).answer(status, body);
		expect(lines()).toEqual([message]);
		expect(byId("retry").hidden).toBe(!again);
		expect(byId("summary").hidden).toBe(false);
		expect(document.activeElement?.id).toBe("summary");
		expect(document.title).toBe(says.titlePrefix + en.landing.title);
		expect(byId("name").value).toBe("Ana Souza");
		expect(assign).not.toHaveBeenCalled();
	});

	test.each([
		["offline", new TypeError("Failed to fetch")],
		["too slow", new DOMException("signal timed out", "TimeoutError")],
	])("%s: the answers are kept and can be sent again", async (_, error) => {
		const { leads } = serve();
		const { taken } = openForm();
		fillIn();
		press("submit");
		await only(leads).fail(error);
		expect(lines()).toEqual([says.offline]);
		expect(byId("retry").hidden).toBe(false);
		press("retry");
		expect(byId("summary").hidden).toBe(true);
		expect(document.title).toBe(en.landing.title);
		await last(leads).answer(201, { reference });
		expect(taken).toHaveLength(1);
	});

	test("of fields stands beside them, and goes when a field looks mended", async () => {
		const { leads } = serve();
		openForm();
		type("email", "ana@");
		press("submit");
		await only(leads).answer(422, {
			errors: [
				{ pointer: "/consent/accepted", message: "tick" },
				{ pointer: "/email", message: "no address" },
			],
		});
		expect(lines()).toEqual(["no address", "tick"]);
		expect(byId("retry").hidden).toBe(true);
		expect(byId("email-error").textContent).toBe("no address");
		expect(byId("email").getAttribute("aria-invalid")).toBe("true");
		expect(byId("consent-accepted").getAttribute("aria-invalid")).toBe("true");
		type("email", "ana@example");
		expect(byId("email-error").textContent).toBe("no address");
		type("email", "ana@example.com");
		expect(byId("email-error").textContent?.trim()).toBe("");
		expect(byId("email").getAttribute("aria-invalid")).toBe("false");
		tick("consent-accepted");
		expect(byId("consent-accepted-error").textContent?.trim()).toBe("");
	});

	test("is gone at the next send", async () => {
		const { leads } = serve();
		openForm();
		press("submit");
		await last(leads).answer(422, { errors: [{ pointer: "/name", message: "a name" }] });
		press("submit");
		expect(byId("summary").hidden).toBe(true);
		expect(byId("name-error").textContent).toBe("");
		expect(byId("name").getAttribute("aria-invalid")).toBe("false");
		await last(leads).answer(422, { errors: [{ pointer: "/name", message: "a name" }] });
		expect(lines()).toEqual(["a name"]);
		expect(document.title).toBe(says.titlePrefix + en.landing.title);
	});

	test("for want of a connection says when it is back", async () => {
		const { leads } = serve();
		openForm();
		window.dispatchEvent(new Event("online"));
		expect(byId("status").textContent).toBe("");
		press("submit");
		await last(leads).fail();
		window.dispatchEvent(new Event("online"));
		expect(byId("status").textContent).toBe(says.online);
	});
});

describe("the answers", () => {
	test("are there again after a reload, which is said", () => {
		serve();
		openForm();
		fillIn();
		type("message", "one\ntwo");
		byId("checks-trap").value = "x";
		byId("name").dispatchEvent(new Event("input", { bubbles: true }));
		reload();
		expect(byId("name").value).toBe("Ana Souza");
		expect(byId("message").value).toBe("one\ntwo");
		expect(byId("consent-accepted").checked).toBe(true);
		expect(byId("consent-marketing").checked).toBe(false);
		expect(byId("checks-trap").value).toBe("");
		expect(byId("status").textContent).toBe(says.restored);
	});

	test("are not spoken of when there are none", () => {
		serve();
		openForm();
		type("name", "A");
		type("name", "");
		reload();
		expect(byId("status").textContent).toBe("");
	});

	test("that the server wrote into the page are newer than the tab's", () => {
		serve();
		openForm();
		fillIn();
		open("/en/a.html");
		byId("name").value = "Bia Lima";
		byId("summary").hidden = false;
		enhance(byId<HTMLFormElement>("form"), () => {});
		expect(byId("name").value).toBe("Bia Lima");
		expect(byId("email").value).toBe("");
		expect(byId("status").textContent).toBe("");
	});
});

describe("the stamp", () => {
	const far = "2999-01-01T00:00:00Z";
	const focus = () => byId("name").dispatchEvent(new Event("focusin", { bubbles: true }));
	const field = () => (byId<HTMLFormElement>("form").elements.namedItem("checks.stamp") as HTMLInputElement).value;

	test("is fetched once, at the first focus, and sent", async () => {
		const { stamps, leads } = serve();
		openForm();
		expect(stamps).toHaveLength(0);
		focus();
		focus();
		await only(stamps).answer(200, { stamp: "v1.x", expiresAt: far });
		focus();
		expect(stamps).toHaveLength(1);
		press("submit");
		expect(only(leads).body).toMatchObject({ checks: { stamp: "v1.x" } });
	});

	test("is kept over a reload: the time when a person began to write", async () => {
		const { stamps } = serve();
		openForm();
		focus();
		await only(stamps).answer(200, { stamp: "v1.x", expiresAt: far });
		reload();
		expect(field()).toBe("v1.x");
		focus();
		await turn();
		expect(stamps).toHaveLength(1);
	});

	test("is fetched anew when it has expired", async () => {
		const { stamps } = serve();
		openForm();
		focus();
		await only(stamps).answer(200, { stamp: "v1.old", expiresAt: "2001-01-01T00:00:00Z" });
		reload();
		focus();
		expect(stamps).toHaveLength(2);
		await last(stamps).answer(200, { stamp: "v1.new", expiresAt: far });
		expect(field()).toBe("v1.new");
	});

	test.each<[string, (s: ReturnType<typeof only>) => Promise<void>]>([
		["no connection", (s) => s.fail()],
		["an error", (s) => s.answer(503, { title: "Service Unavailable" })],
		["an error with a stamp", (s) => s.answer(500, { stamp: "v1.x", expiresAt: far })],
		["no JSON", (s) => s.answer(200)],
		["another shape", (s) => s.answer(200, { stamp: 7 })],
	])("that does not come (%s) stops nobody", async (_, happens) => {
		const { stamps, leads } = serve();
		openForm();
		focus();
		await happens(only(stamps));
		expect(field()).toBe("");
		fillIn();
		press("submit");
		expect(only(leads).body).not.toHaveProperty("checks");
	});
});

describe("the counter", () => {
	test.each([
		[0, ""],
		[899, ""],
		[900, "100 characters left"],
		[999, "1 character left"],
		[1000, "0 characters left"],
		[1001, "1 character too many"],
		[1012, "12 characters too many"],
	])("of %d characters says %j", (length, said) => {
		serve();
		openForm();
		type("message", "x".repeat(length));
		expect(byId("message-count").textContent).toBe(said);
	});

	test("counts characters as a person does, and stops when there is room again", () => {
		serve();
		openForm();
		type("message", "🜁".repeat(950));
		expect(byId("message-count").textContent).toBe("50 characters left");
		type("message", "short");
		expect(byId("message-count").textContent).toBe("");
	});
});
