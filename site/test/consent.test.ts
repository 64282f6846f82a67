import { expect, test } from "vitest";
import { consents, current, purposes } from "../src/consent.ts";
import { locales } from "../src/locale.ts";

// What people agreed to is stored under these hashes: a sentence that changes here takes
// the proof from every consent given to it. New words are a new version and a new line.
const hashes = {
	"2026-11-21 pt-BR reply": "2abc1c63b9c48540b6ca0a181ea8001594e79b8f6a34c1da4e9da3b9d7b01285",
	"2026-11-21 pt-BR marketing": "59b99b9a2a7ad9db381027d50e97004283cb4b4645dfd2d609cf6e9c9e91e2a1",
	"2026-11-21 en reply": "58bd281ca1058be27f96e97e1dcd6fcb81a129af1ca7a3695393622dc295cd7a",
	"2026-11-21 en marketing": "81f7a72f580ca183cdfbe7ab3ea3a33a14c41bb511a2ef64c917ca62ca0fbb84",
};

test("every sentence of every version is the one that was agreed to", async () => {
	expect(Object.fromEntries((await consents()).map((c) => [`${c.version} ${c.locale} ${c.id}`, c.hash]))).toEqual(hashes);
});

test("versions follow each other by date, each in both languages", async () => {
	const all = await consents();
	const versions = [...new Set(all.map((c) => c.version))];
	expect(versions).toEqual([...versions].sort());
	for (const version of versions) {
		expect(version).toMatch(/^\d{4}-\d\d-\d\d$/);
		const sentences = all.filter((c) => c.version === version);
		expect(sentences.map((c) => `${c.locale} ${c.id}`).sort()).toEqual(locales.flatMap((l) => purposes.map((p) => `${l} ${p}`)).sort());
	}
});

test("the newest version is shown", async () => {
	const all = await consents();
	const newer = all.map((c) => ({ ...c, version: "2999-01-01", text: `new ${c.text}` }));
	for (const locale of locales) {
		for (const id of purposes) {
			expect(current([...all, ...newer], locale, id)).toMatchObject({ version: "2999-01-01", locale, id });
		}
	}
});

test("a sentence that is missing stops the build", async () => {
	const all = await consents();
	expect(() =>
		current(
			all.filter((c) => c.locale === "pt-BR"),
			"en",
			"reply",
		),
	).toThrow("reply in en");
});
