// @vitest-environment happy-dom

import { beforeEach, describe, expect, test, vi } from "vitest";
import { paths } from "../src/locale.ts";
import { read } from "../src/script/answers.ts";
import { recall, remember } from "../src/script/memory.ts";
import { masked } from "../src/script/receipt.ts";
import { clear, show } from "../src/script/summary.ts";
import { rightsKinds } from "../src/text/text.ts";
import { byId, open } from "./page.ts";

const draft = "form /api/rights-requests";

/** The page in the window, as a browser has it before the script runs. */
function load(query = ""): HTMLFormElement {
	window.location.href = `https://example.com${paths.en.rights}${query}`;
	open(`${paths.en.rights}index.html`);
	return byId<HTMLFormElement>("form");
}

async function runScript(): Promise<void> {
	vi.resetModules();
	await import("../src/script/main.ts");
}

beforeEach(() => {
	sessionStorage.clear();
	navigator.sendBeacon = () => true;
});

describe("the radio buttons", () => {
	test("give the one that is chosen, or nothing", () => {
		const form = load();
		expect(read(form)).toEqual({ locale: "en" });
		for (const kind of rightsKinds) {
			byId<HTMLInputElement>(kind === rightsKinds[0] ? "kind" : `kind-${kind}`).checked = true;
			expect(read(form)).toEqual({ locale: "en", kind });
		}
	});

	test("have one error together, whose link leads to the first of them", () => {
		const form = load();
		const group = form.querySelector("fieldset");
		show(form, [{ field: "kind", message: "Choose" }], "Error: ");
		expect(document.querySelector("#summary-list a")?.getAttribute("href")).toBe("#kind");
		expect(byId<HTMLInputElement>("kind").value).toBe(rightsKinds[0]);
		expect([group?.getAttribute("aria-invalid"), byId("kind-error").textContent]).toEqual(["true", "Choose"]);
		clear(form, "Error: ");
		expect([group?.getAttribute("aria-invalid"), byId("kind-error").textContent]).toEqual(["false", ""]);
	});

	test("lose their error when any of them is chosen", async () => {
		const form = load();
		await runScript();
		show(form, [{ field: "kind", message: "Choose" }], "Error: ");
		const last = byId<HTMLInputElement>("kind-revocation");
		last.checked = true;
		last.dispatchEvent(new Event("change", { bubbles: true }));
		expect([form.querySelector("fieldset")?.getAttribute("aria-invalid"), byId("kind-error").textContent?.trim()]).toEqual(["false", ""]);
	});
});

describe("the reference of the receipt", () => {
	test("is filled in", async () => {
		load("?reference=NG-7K3M-9Q2X");
		await runScript();
		expect(byId<HTMLInputElement>("reference").value).toBe("NG-7K3M-9Q2X");
	});

	test("does not cost the answers that the tab keeps", async () => {
		remember(draft, { key: "0123456789abcdef", typed: { "kind-erasure": true, email: "ana@example.com", reference: "NG-2222-2222" } });
		load("?reference=NG-7K3M-9Q2X");
		await runScript();
		expect(byId<HTMLInputElement>("kind-erasure").checked).toBe(true);
		expect(byId<HTMLInputElement>("email").value).toBe("ana@example.com");
		expect(byId<HTMLInputElement>("reference").value).toBe("NG-7K3M-9Q2X");
		expect(recall<{ key: string }>(draft)?.key).toBe("0123456789abcdef");
	});

	test("is shown again by the receipt of the request, the address masked", () => {
		const { typed } = masked({ token: "RQ-7K3M-9Q2X", typed: { email: "ana@example.com", reference: "NG-7K3M-9Q2X", kind: true } });
		expect(typed).toMatchObject({ email: "a•••@example.com", reference: "NG-7K3M-9Q2X" });
		expect(JSON.stringify(typed)).not.toContain("ana");
	});
});
