// @vitest-environment happy-dom

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { countView } from "../src/script/beacon.ts";

let sent: [string, string][];

function browser(asks: object): void {
	vi.stubGlobal("navigator", { ...asks, sendBeacon: (url: string, body: string) => sent.push([url, body]) });
}

beforeEach(() => {
	sent = [];
	history.replaceState(null, "", "/obrigado/?ref=NG-7K3M-9Q2X#x");
});
afterEach(() => vi.unstubAllGlobals());

test("has the page without its query, source, variant and what they can come from, and nothing else", () => {
	browser({});
	countView({ source: "letter", "utm.campaign": "maio", "utm.source": "post", "utm.content": "x" }, "b");
	expect(sent.map(([url, body]) => [url, JSON.parse(body)])).toEqual([
		["/api/views", { page: "/obrigado/", source: "letter", variant: "b", utm: { source: "post", content: "x" } }],
	]);
});

test("leaves out what a page has not", () => {
	browser({ doNotTrack: "0", globalPrivacyControl: false });
	countView({}, undefined);
	expect(sent).toEqual([["/api/views", '{"page":"/obrigado/","utm":{}}']]);
});

test.each([[{ doNotTrack: "1" }], [{ globalPrivacyControl: true }]])("is not sent for who asks not to be tracked: %j", (asks) => {
	browser(asks);
	countView({ source: "letter" }, "a");
	expect(sent).toEqual([]);
});
