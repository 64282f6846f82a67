// What holds for every page: what it is, where its links lead, that it is quiet.

import assert from "node:assert/strict";
import { test } from "node:test";
import { label, languages, pages } from "./lib/pages.mjs";
import { base } from "./lib/site.mjs";
import { visitor } from "./lib/visitor.mjs";

for (const lang of Object.keys(languages)) {
  test(`each page says what it is, asks nobody else, and its links lead somewhere (${lang})`, async (t) => {
    const { page, context } = await visitor(t, { lang, refusals: [404] });
    const links = new Map(); // where they lead, and one page that they stand on
    for (const entry of pages.filter((page) => page.lang === lang)) {
      const answer = await page.goto(entry.path, { waitUntil: "networkidle" });
      await requireOwnWords(page, entry, answer);
      const found = await page.locator("[href], [src]").evaluateAll((all) => all.map((e) => e.href || e.src));
      for (const href of found) if (href.startsWith(base)) links.set(href, entry);
    }
    assert.ok(links.size > 0, "no link found");
    const wrong = [];
    for (const [href, entry] of links) {
      const url = new URL(href);
      const answer = await context.request.get(url.pathname + url.search);
      const itself = url.pathname === entry.path && answer.status() === entry.status; // the skip link of a page for an error
      const place = new RegExp(`\\bid="?${url.hash.slice(1)}["\\s>]`);
      if (!answer.ok() && !itself) wrong.push(`${href} on ${label(entry)}: ${answer.status()}`);
      else if (url.hash && !place.test(await answer.text())) wrong.push(`${href} on ${label(entry)}: no such id`);
    }
    assert.deepEqual(wrong, []);
  });
}

async function requireOwnWords(page, entry, answer) {
  const where = label(entry);
  assert.equal(answer.status(), entry.status ?? 200, where);
  const policy = answer.headers()["content-security-policy"] ?? "";
  assert.match(policy, /default-src 'none'/, where);
  assert.doesNotMatch(policy, /unsafe-(inline|eval|hashes)|\*|https?:/, where);
  assert.equal(await page.locator("html").getAttribute("lang"), entry.lang, where);
  assert.equal(await page.locator("h1:visible").count(), 1, where);
  assert.notEqual(await page.title(), "", where);
  const [robots = ""] = await page.locator("meta[name=robots]").evaluateAll((all) => all.map((e) => e.content));
  const hidden = /noindex/.test(`${robots} ${answer.headers()["x-robots-tag"] ?? ""}`) || entry.status >= 400;
  assert.equal(!hidden, Boolean(entry.indexable || entry.variant), `${where}: seen by search engines`);
  if (entry.variant) assert.equal(await page.locator("html").getAttribute("data-variant"), entry.variant, where);
}

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
