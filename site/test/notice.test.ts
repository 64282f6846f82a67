// @vitest-environment happy-dom

import { describe, expect, test } from "vitest";
import { consents } from "../src/consent.ts";
import { locales, paths } from "../src/locale.ts";
import { texts } from "../src/text/text.ts";
import { parse } from "./page.ts";

/** Elements and ids, without what they say. */
function shape(path: string): string[] {
	return [...parse(`${path}index.html`).querySelectorAll("main *")].map((e) => `${e.parentElement?.tagName} ${e.tagName} ${e.id}`);
}

test("both notices have the same structure", () => {
	expect(shape(paths.en.notice)).toEqual(shape(paths["pt-BR"].notice));
});

describe.each(locales)("the notice in %s", (locale) => {
	const page = parse(`${paths[locale].notice}index.html`);
	const all = (selector: string) => [...page.querySelectorAll<HTMLElement>(selector)];

	test("has every sentence of every version and language, by which a stored consent is proved", async () => {
		const shown = all("figure").map((f) => ({
			text: f.querySelector("blockquote")?.textContent,
			lang: f.querySelector("blockquote")?.getAttribute("lang"),
			facts: [...f.querySelectorAll("dd")].map((d) => d.textContent),
		}));
		const known = await consents();
		expect(known.length).toBeGreaterThanOrEqual(4);
		expect(shown).toEqual(
			known.map((c) => ({
				text: c.text,
				lang: c.locale,
				facts: [c.id, c.version, expect.stringContaining(`(${c.locale})`), c.hash],
			})),
		);
	});

	test("says under each cell what a narrow screen has no column heading for", () => {
		const [, ...columns] = all("thead th").map((th) => th.textContent);
		expect(columns).toHaveLength(4);
		for (const row of all("tbody tr")) {
			expect([...row.querySelectorAll("td")].map((td) => td.dataset.label)).toEqual(columns);
		}
	});

	test("lists its own sections", () => {
		const links = all("nav[aria-labelledby=contents] a").map((a) => a.getAttribute("href"));
		const headings = all("main section > h2[id]").map((h) => `#${h.id}`);
		expect(links).toEqual(headings.filter((h) => h !== "#brief"));
	});

	test("has the nine rights in the words of the form, and leads there", () => {
		expect(all(".roman li").map((li) => li.textContent)).toEqual(Object.values(texts[locale].rights.kinds));
		expect(all("#rights ~ p a").map((a) => a.getAttribute("href"))).toEqual([paths[locale].rights]);
	});
});
