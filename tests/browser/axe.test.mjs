// axe, WCAG 2.2 AA and its best practices, on every page and state, in both themes
// and two widths.

import { AxeBuilder } from "@axe-core/playwright";
import assert from "node:assert/strict";
import { test } from "node:test";
import { bad, fill, good, submit, summary, useUp } from "./lib/form.mjs";
import { label, landings, pages } from "./lib/pages.mjs";
import { visitor } from "./lib/visitor.mjs";

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

for (const entry of pages) {
  test(`axe finds nothing: ${label(entry)}`, async (t) => {
    const { page } = await visitor(t, { lang: entry.lang, refusals: [404] });
    await page.goto(entry.path);
    await requireClean(page);
  });
}

for (const { lang, path } of landings) {
  test(`axe finds nothing: errors at every field ${lang}`, async (t) => {
    const { page } = await visitor(t, { lang, refusals: [422] });
    await page.goto(path);
    await fill(page, bad, []);
    await submit(page);
    await summary(page);
    await requireClean(page);
  });

  // axe is a script itself, so only those of the page are kept away.
  test(`axe finds nothing: errors of a form sent without its script ${lang}`, async (t) => {
    const { page } = await visitor(t, { lang, refusals: [422], broken: true });
    await page.route("**/*.js", (route) => route.abort());
    await page.goto(path);
    await fill(page, bad, []);
    await submit(page);
    await page.waitForURL("**/api/leads");
    await summary(page);
    await requireClean(page);
  });

  test(`axe finds nothing: offline ${lang}`, async (t) => {
    const { page, context } = await visitor(t, { lang, broken: true });
    await page.goto(path);
    await fill(page, good());
    await context.setOffline(true);
    await submit(page);
    await summary(page);
    await context.setOffline(false);
    await requireClean(page);
  });

  test(`axe finds nothing: at the limit ${lang}`, async (t) => {
    const caller = await visitor(t, { lang, refusals: [429] });
    await useUp(caller);
    await caller.page.goto(path);
    await fill(caller.page, good());
    await submit(caller.page);
    await summary(caller.page);
    await requireClean(caller.page);
  });

  test(`axe finds nothing: while the form is being sent ${lang}`, async (t) => {
    const { page } = await visitor(t, { lang });
    await page.goto(path);
    await fill(page, good());
    await page.route("**/api/leads", () => {}); // never answered
    const asked = page.waitForRequest("**/api/leads");
    await submit(page);
    await asked;
    await requireClean(page);
  });
}

async function requireClean(page) {
  const found = [];
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const { violations, passes } = await new AxeBuilder({ page }).withTags(tags).setLegacyMode().analyze();
      assert.ok(passes.length > 0, "axe checked nothing");
      for (const { id, help, nodes } of violations) {
        for (const { html, failureSummary } of nodes) found.push(`${width} px, ${colorScheme}: ${id}, ${help}: ${html}\n${failureSummary}`);
      }
    }
  }
  assert.deepEqual(found, []);
}
