// axe, WCAG 2.2 AA and its best practices, on every page and state. The gate looks at
// each in both themes and two widths; other runs at each theme and width once, since
// the languages have the same elements and colours.

import { AxeBuilder } from "@axe-core/playwright";
import assert from "node:assert/strict";
import { test } from "node:test";
import { bad, badRequest, fill, good, submit, summary, useUp } from "./lib/form.mjs";
import { distinct, label, landings, languages, rightsPages } from "./lib/pages.mjs";
import { gate } from "./lib/site.mjs";
import { visitor } from "./lib/visitor.mjs";

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const views = {
  "pt-BR": [{ width: 1280, colorScheme: "light" }],
  en: [{ width: 390, colorScheme: "dark" }],
};
const each = Object.values(views).flat();
const all = each.flatMap(({ width }) => each.map(({ colorScheme }) => ({ width, colorScheme })));

for (const lang of Object.keys(languages)) {
  test(`axe finds nothing: every page ${lang}`, async (t) => {
    const { page } = await visitor(t, { lang, refusals: [404] });
    for (const entry of distinct.filter((page) => page.lang === lang)) {
      await page.goto(entry.path);
      await requireClean(page, views[lang], label(entry));
    }
  });
}

for (const { lang, path, name, rights } of [...landings, ...rightsPages]) {
  test(`axe finds nothing: errors at every field of ${name} ${lang}`, async (t) => {
    const { page } = await visitor(t, { lang, refusals: [422] });
    await page.goto(path);
    await fill(page, rights ? badRequest : bad, []);
    await submit(page);
    await summary(page);
    await requireClean(page, views[lang]);
  });

  // axe is a script itself, so only those of the page are kept away.
  test(`axe finds nothing: errors of ${name} sent without its script ${lang}`, async (t) => {
    const { page } = await visitor(t, { lang, refusals: [422], broken: true });
    await page.route("**/*.js", (route) => route.abort());
    await page.goto(path);
    await fill(page, rights ? badRequest : bad, []);
    await submit(page);
    await page.waitForURL("**/api/*");
    await summary(page);
    await requireClean(page, views[lang]);
  });
}

for (const { lang, path } of gate ? landings : landings.slice(0, 1)) {
  test(`axe finds nothing: offline ${lang}`, async (t) => {
    const { page, context } = await visitor(t, { lang, broken: true });
    await page.goto(path);
    await fill(page, good());
    await context.setOffline(true);
    await submit(page);
    await summary(page);
    await context.setOffline(false);
    await requireClean(page, each);
  });

  test(`axe finds nothing: at the limit ${lang}`, async (t) => {
    const caller = await visitor(t, { lang, refusals: [429] });
    await useUp(caller);
    await caller.page.goto(path);
    await fill(caller.page, good());
    await submit(caller.page);
    await summary(caller.page);
    await requireClean(caller.page, each);
  });

  test(`axe finds nothing: while the form is being sent ${lang}`, async (t) => {
    const { page } = await visitor(t, { lang });
    await page.goto(path);
    await fill(page, good());
    await page.route("**/api/leads", () => {}); // never answered
    const asked = page.waitForRequest("**/api/leads");
    await submit(page);
    await asked;
    await requireClean(page, each);
  });
}

async function requireClean(page, views, where = "") {
  const found = [];
  for (const { width, colorScheme } of gate ? all : views) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    const { violations, passes } = await new AxeBuilder({ page }).withTags(tags).setLegacyMode().analyze();
    assert.ok(passes.length > 0, "axe checked nothing");
    for (const { id, help, nodes } of violations) {
      for (const { html, failureSummary } of nodes) found.push(`${where} ${width} px, ${colorScheme}: ${id}, ${help}: ${html}\n${failureSummary}`);
    }
  }
  assert.deepEqual(found, []);
}
