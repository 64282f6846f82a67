// What holds for every page: what it is, where its links lead, that it is quiet.

import assert from "node:assert/strict";
import { test } from "node:test";
import { label, languages, pages } from "./lib/pages.mjs";
import { base } from "./lib/site.mjs";
import { visitor } from "./lib/visitor.mjs";

for (const entry of pages) {
  test(`${label(entry)} says what it is and asks nobody else`, async (t) => {
    const { page } = await visitor(t, { lang: entry.lang, refusals: entry.status ? [entry.status] : [] });
    const answer = await page.goto(entry.path, { waitUntil: "networkidle" });
    assert.equal(answer.status(), entry.status ?? 200);
    const policy = answer.headers()["content-security-policy"] ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe-(inline|eval|hashes)|\*|https?:/);
    assert.equal(await page.locator("html").getAttribute("lang"), entry.lang);
    assert.equal(await page.locator("h1:visible").count(), 1);
    assert.notEqual(await page.title(), "");
    const robots = await page.locator("meta[name=robots]").getAttribute("content", { timeout: 1 }).catch(() => "");
    const hidden = /noindex/.test(`${robots} ${answer.headers()["x-robots-tag"] ?? ""}`) || entry.status >= 400;
    assert.equal(!hidden, Boolean(entry.indexable || entry.variant), "seen by search engines");
    if (entry.variant) assert.equal(await page.locator("html").getAttribute("data-variant"), entry.variant);
  });
}

test("every link within the site leads somewhere", async (t) => {
  const { page, context } = await visitor(t, { refusals: [404] });
  const links = new Map(); // where they lead, and one page that they stand on
  for (const entry of pages) {
    await page.goto(entry.path);
    const found = await page.locator("[href], [src]").evaluateAll((all) => all.map((e) => e.href || e.src));
    for (const href of found) if (href.startsWith(base)) links.set(href, label(entry));
  }
  assert.ok(links.size > 0, "no link found");
  const wrong = [];
  for (const [href, where] of links) {
    const url = new URL(href);
    const answer = await context.request.get(url.pathname + url.search);
    if (!answer.ok()) wrong.push(`${href} on ${where}: ${answer.status()}`);
    else if (url.hash && !new RegExp(`\\bid="?${url.hash.slice(1)}["\\s>]`).test(await answer.text())) wrong.push(`${href} on ${where}: no such id`);
  }
  assert.deepEqual(wrong, []);
});

test("the link to the other language leads to the same page in it, and back", async (t) => {
  const { page } = await visitor(t);
  for (const entry of pages.filter(({ indexable }) => indexable)) {
    await page.goto(entry.path);
    const other = Object.keys(languages).find((lang) => lang !== entry.lang);
    await page.locator(`a[hreflang="${other}"]`).first().click();
    await page.waitForFunction((lang) => document.documentElement.lang === lang, other);
    const there = pages.find(({ name, lang }) => name === entry.name && lang === other);
    assert.equal(new URL(page.url()).pathname, there.path);
  }
});
