// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { remember } from "../src/script/memory.ts";
import { masked, receipt } from "../src/script/receipt.ts";
import { byId, open, turn } from "./page.ts";

const lead = { file: "/en/thank-you/index.html", path: "/en/thank-you/?ref=" };
const rights = { file: "/en/privacy/request/received/index.html", path: "/en/privacy/request/received/?protocol=" };

function show(page: typeof lead, token: string): void {
	history.replaceState(null, "", page.path + encodeURIComponent(token));
	open(page.file);
	receipt();
}

function clipboard(writeText: (text: string) => Promise<void>): void {
	vi.stubGlobal("navigator", { clipboard: { writeText } });
}

beforeEach(() => sessionStorage.clear());
afterEach(() => vi.unstubAllGlobals());

describe("a page that no server filled in", () => {
	test("shows the reference of its address and leads on with it", () => {
		show(lead, "NG-7K3M-9Q2X");
		expect(byId("reference").textContent).toBe("NG-7K3M-9Q2X");
		expect(byId("received").hidden).toBe(false);
		expect(byId("nothing").hidden).toBe(true);
		expect(byId<HTMLAnchorElement>("onward").getAttribute("href")).toContain("/en/privacy/request/?reference=NG-7K3M-9Q2X");
		expect(byId<HTMLAnchorElement>("language").getAttribute("href")).toContain("/obrigado/?ref=NG-7K3M-9Q2X");
		expect(document.activeElement).toBe(byId("received").querySelector("h1"));
	});

	test("shows a protocol, which is no reference of a lead", () => {
		show(rights, "RQ-7K3M-9Q2X");
		expect(byId("reference").textContent).toBe("RQ-7K3M-9Q2X");
		expect(byId<HTMLAnchorElement>("onward").getAttribute("href")).toBe("/en/privacy/");
	});

	test.each([
		"",
		"NG-0K3M-9Q2X",
		"NG-1K3M-9Q2X",
		"NG-IK3M-9Q2X",
		"NG-OK3M-9Q2X",
		"ng-7k3m-9q2x",
		"NG-7K3M-9Q2",
		"NG-7K3M-9Q2X ",
		"XX-7K3M-9Q2X",
		"RQ-7K3M-9Q2X",
		"<b>call 0800</b>",
	])("helps where there is none: %j", (token) => {
		show(lead, token);
		expect(byId("reference").textContent).toBe("");
		expect(byId("received").hidden).toBe(true);
		expect(byId("nothing").hidden).toBe(false);
		if (token) expect(document.body.innerHTML).not.toContain(token);
	});
});

describe("what was sent", () => {
	const sent = { name: "Ana S.", email: "a•••@example.com", phone: "" };

	test("is shown in the tab that sent it, without what was left out", () => {
		remember("receipt", { token: "NG-7K3M-9Q2X", typed: sent });
		show(lead, "NG-7K3M-9Q2X");
		expect(byId("sent").hidden).toBe(false);
		const shown = [...byId("sent").querySelectorAll<HTMLElement>("[data-sent]")].filter((line) => !line.hidden);
		expect(shown.map((line) => line.querySelector("dd")?.textContent)).toEqual(["Ana S.", "a•••@example.com"]);
	});

	test("is not shown beside another reference, or without one", () => {
		remember("receipt", { token: "NG-7K3M-9Q2X", typed: sent });
		for (const token of ["NG-ZZZZ-2222", ""]) {
			show(lead, token);
			expect(byId("sent").hidden).toBe(true);
			expect(document.body.textContent).not.toContain("a•••@example.com");
		}
	});

	test.each([
		["Ana Souza", "ana@example.com", "(11) 91234-5678", "Ana S.", "a•••@example.com", "•••• 5678"],
		["  Ana Maria Souza ", "a@b.c", "", "Ana M.", "a•••@b.c", ""],
		["Ana", "no address", "+5511912345678", "A•••", "", "•••• 5678"],
		["", "", "", "", "", ""],
	])("is masked: %s, %s, %s", (name, email, phone, maskedName, maskedEmail, maskedPhone) => {
		const typed = { name, email, phone, message: "nobody else's business", "consent-accepted": true };
		const kept = masked({ token: "NG-7K3M-9Q2X", typed });
		expect(kept).toMatchObject({ token: "NG-7K3M-9Q2X", typed: { name: maskedName, email: maskedEmail, phone: maskedPhone } });
		expect(kept.typed).not.toHaveProperty("message");
		expect(kept.typed).not.toHaveProperty("consent-accepted");
	});
});

describe("the copy button", () => {
	test("copies the reference and says so", async () => {
		const copied: string[] = [];
		clipboard(async (text) => void copied.push(text));
		show(lead, "NG-7K3M-9Q2X");
		expect(byId("copy").hidden).toBe(false);
		byId("copy").click();
		await turn();
		expect(copied).toEqual(["NG-7K3M-9Q2X"]);
		expect(byId("copied").textContent).toBe("Reference copied");
	});

	test("says nothing where the browser refuses", async () => {
		clipboard(() => Promise.reject(new DOMException("no", "NotAllowedError")));
		show(lead, "NG-7K3M-9Q2X");
		byId("copy").click();
		await turn();
		expect(byId("copied").textContent).toBe("");
	});

	test("is not there where nothing can be copied", () => {
		vi.stubGlobal("navigator", {});
		show(lead, "NG-7K3M-9Q2X");
		expect(byId("copy").hidden).toBe(true);
		clipboard(async () => {});
		show(lead, "");
		expect(byId("copy").hidden).toBe(true);
	});
});
