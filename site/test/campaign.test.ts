// @vitest-environment happy-dom

import { beforeEach, describe, expect, test, vi } from "vitest";
import { campaign, visit } from "../src/script/campaign.ts";

const home = "https://nigredo.example/";

function of(query: string, referrer = ""): Record<string, string> {
	return campaign(new URL(query, home), referrer);
}

describe("of an address", () => {
	test("has the campaign under the names of the form", () => {
		const query =
			"?source=site&utm_source=letter&utm_medium=e-mail&utm_campaign=maio%202026&utm_term=a%26b&utm_content=top&utm_id=7&gclid=x";
		expect(of(query)).toEqual({
			source: "site",
			"utm.source": "letter",
			"utm.medium": "e-mail",
			"utm.campaign": "maio 2026",
			"utm.term": "a&b",
			"utm.content": "top",
		});
	});

	test("is empty where there is none", () => {
		expect(of("?utm_source=&source=&variant=a&utm.medium=x&UTM_TERM=x")).toEqual({});
	});

	test.each(["-x", ".x", "a b", "a/b", "a@b", "ação", "x".repeat(65), "<b>"])("has no source that is no word: %s", (source) => {
		expect(of(`?source=${encodeURIComponent(source)}`)).toEqual({});
	});

	test.each(["x", "0", "a.b_c-D9", "x".repeat(64)])("has a source that is a word: %s", (source) => {
		expect(of(`?source=${source}`)).toEqual({ source });
	});

	// The API takes 200 characters and refuses these; a person cannot mend a hidden field.
	test.each([
		["is cut to what the API takes", "x".repeat(201), "x".repeat(200)],
		["is cut between characters", "🜁".repeat(201), "🜁".repeat(200)],
		["has no control characters", "ma\u0000i\no\u007f", "maio"],
		["has no invisible characters", "\ufeffma\u200bi\u202eo\u2028", "maio"],
		["has no tag characters", "maio\u{e0041}", "maio"],
		["has no noncharacters", "maio\ufdd0\uffff", "maio"],
		["has no sign that something was lost", "maio\ufffd", "maio"],
		["has no half of a pair", "maio\ud83d", "maio"],
		["has no heap of marks", `a${"\u0316".repeat(9)}b`, "ab"],
		["is composed", "ac\u0327a\u0303o", "ação"],
	])("%s", (_, given, want) => {
		const address = new URL(home);
		address.searchParams.set("utm_campaign", given);
		expect(campaign(address, "")).toEqual({ "utm.campaign": want });
	});

	test("is left out when nothing of it can be taken", () => {
		expect(of("?utm_campaign=%E2%80%8B%00")).toEqual({});
	});
});

describe("of a site that linked here", () => {
	test.each([
		["https://www.example.org/page?q=secret", { source: "www.example.org" }],
		["https://nigredo.example/en/", {}],
		["", {}],
		["about:blank", {}],
		["no address", {}],
		["https://[2001:db8::1]/", {}],
		[`https://${"x".repeat(60)}.example/`, {}],
	])("%s", (referrer, want) => {
		expect(of("", referrer)).toEqual(want);
	});

	test("is not asked where the address has a source", () => {
		expect(of("?utm_source=letter", "https://www.example.org/")).toEqual({ "utm.source": "letter" });
		expect(of("?source=site", "https://www.example.org/")).toEqual({ source: "site" });
	});

	test("counts beside a campaign without a source", () => {
		expect(of("?utm_campaign=maio", "https://www.example.org/")).toEqual({ "utm.campaign": "maio", source: "www.example.org" });
	});
});

describe("of a visit", () => {
	beforeEach(() => {
		sessionStorage.clear();
		history.replaceState(null, "", "/");
	});

	test("is kept for the tab: links of the site do not carry it", () => {
		history.replaceState(null, "", "/?utm_source=letter");
		expect(visit()).toEqual({ "utm.source": "letter" });
		history.replaceState(null, "", "/en/");
		expect(visit()).toEqual({ "utm.source": "letter" });
	});

	test("is the newest one", () => {
		history.replaceState(null, "", "/?utm_source=letter&utm_term=x");
		visit();
		history.replaceState(null, "", "/?utm_source=post");
		expect(visit()).toEqual({ "utm.source": "post" });
		history.replaceState(null, "", "/");
		expect(visit()).toEqual({ "utm.source": "post" });
	});

	test("is that of the page where the browser stores nothing", () => {
		vi.stubGlobal("sessionStorage", undefined);
		history.replaceState(null, "", "/?utm_source=letter");
		expect(visit()).toEqual({ "utm.source": "letter" });
		history.replaceState(null, "", "/");
		expect(visit()).toEqual({});
		vi.unstubAllGlobals();
	});
});
