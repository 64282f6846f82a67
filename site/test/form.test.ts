// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { enhance } from "../src/script/form.ts";
import { remember } from "../src/script/memory.ts";
import { en } from "../src/text/en.ts";
import { byId, last, only, open, openForm, press, serve, tick, turn, type } from "./page.ts";

const says = en.lead.says;
const reference = "NG-7K3M-9Q2X";
let assign: ReturnType<typeof vi.fn>;

beforeEach(() => {
	sessionStorage.clear();
	history.replaceState(null, "");
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
		await only(leads).answer(201, { reference });
		const receipt = `/en/thank-you/?ref=${reference}`;
		expect(assign).toHaveBeenCalledWith(new URL(receipt, location.href).href);
		expect(byId<HTMLElement>("status").querySelector("a")?.getAttribute("href")).toBe(receipt);
		expect(taken).toEqual([{ token: reference, typed: { name: "Ana Souza", email: "ana@example.com" } }]);
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

	test("is that of the one that was taken for who goes back and sends it untouched", async () => {
		const { leads } = serve();
		openForm();
		fillIn();
		press("submit");
		await only(leads).answer(201, { reference });
		reload();
		byId("name").value = "Ana Souza"; // as browsers restore it: without an event
		byId("email").value = "ana@example.com";
		tick("consent-accepted");
		press("submit");
		expect(leads[1]?.key).toBe(leads[0]?.key);
		await last(leads).answer(422, { title: "Unprocessable Content" });
		press("submit");
		expect(leads[2]?.key).not.toBe(leads[0]?.key);
	});

	test("and the body are those of a send that may have arrived, on whatever page the same answers are sent again", async () => {
		const { leads } = serve();
		openForm();
		fillIn();
		press("submit");
		await last(leads).fail();
		openForm("/b.html");
		press("submit"); // a forgotten tick is another body, and refused
		await last(leads).answer(422, { errors: [{ pointer: "/consent/accepted", message: "Tick" }] });
		expect(last(leads).body).toMatchObject({ locale: "pt-BR", consent: { accepted: false } });
		tick("consent-accepted");
		press("submit");
		expect([last(leads).key, last(leads).body]).toEqual([leads[0]?.key, leads[0]?.body]);
		await last(leads).answer(429);
		press("submit");
		expect([last(leads).key, last(leads).body]).toEqual([leads[0]?.key, leads[0]?.body]);
	});

	test.each([5, "x", {}, [], { key: 5 }, { key: "k\u00e9y", typed: {} }, { key: "0123456789abcdef" }])(
		"is new where the tab holds %j",
		(kept) => {
			const { leads } = serve();
			remember("form /api/leads", kept);
			openForm();
			press("submit");
			expect(only(leads).key).toMatch(/^[\w-]{32,36}$/);
		},
	);

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
		expect(byId("consent-accepted").checked).toBe(false); // given to the sentence that stood there
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
		[900, "Characters left: 100"],
		[999, "Characters left: 1"],
		[1000, "Characters left: 0"],
		[1001, "Characters over the limit: 1"],
		[1012, "Characters over the limit: 12"],
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
		expect(byId("message-count").textContent).toBe("Characters left: 50");
		type("message", "short");
		expect(byId("message-count").textContent).toBe("");
	});
});
