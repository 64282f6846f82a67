import { expect, test } from "vitest";
import { texts } from "../src/text/text.ts";
import experiment from "../src/variants.json";

/** Every sentence by its place; lists count by position, so that a missing item shows. */
function sentences(of: unknown, at = ""): Record<string, string> {
	if (typeof of === "string") return { [at]: of };
	return Object.assign({}, ...Object.entries(of as object).map(([name, value]) => sentences(value, at ? `${at}.${name}` : name)));
}

const pt = sentences(texts["pt-BR"]);
const en = sentences(texts.en);

test("both languages say the same things", () => {
	expect(Object.keys(en).sort()).toEqual(Object.keys(pt).sort());
	expect(Object.keys(pt).length).toBeGreaterThan(50);
});

test("both languages leave the same places open, for a number or an address", () => {
	const holes = (text: string | undefined) => text?.match(/\{[^}]*\}/g) ?? [];
	for (const [at, text] of Object.entries(pt)) {
		expect(holes(en[at]), at).toEqual(holes(text));
		for (const hole of holes(text)) expect(["{n}", "{address}"], at).toContain(hole);
	}
	expect(holes(pt["lead.says.limitedMany"])).toEqual(["{n}"]);
	expect(holes(pt["lead.says.left"])).toEqual(["{n}"]);
});

test("no sentence is empty, padded, or broken over lines", () => {
	for (const [at, text] of [...Object.entries(pt), ...Object.entries(en)]) {
		if (!at.endsWith("titlePrefix")) expect(text, at).toBe(text.trim());
		expect(text, at).toMatch(/^[^\n]+$/);
		expect(text, at).not.toMatch(/ {2}/);
	}
});

test("no sentence was left in the other language", () => {
	const same = Object.keys(pt).filter((at) => pt[at] === en[at] && (pt[at] ?? "").includes(" "));
	expect(same).toEqual(["site"]);
});

test("every variant has a heading in both languages, and a name that can stand in an address", () => {
	for (const { name, weight } of experiment.variants) {
		expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
		expect(Number.isInteger(weight) && weight >= 0).toBe(true);
		expect(pt[`landing.heroes.${name}.heading`]).toBeTruthy();
		expect(en[`landing.heroes.${name}.heading`]).toBeTruthy();
	}
	expect(new Set(experiment.variants.map((v) => v.name)).size).toBe(experiment.variants.length);
});
