// The pages on small screens, enlarged, and in the colours that a person chose.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bad, fill, submit, summary } from "./lib/form.mjs";
import { edges, lost, small } from "./lib/look.mjs";
import { label, landings, pages } from "./lib/pages.mjs";
import { visitor } from "./lib/visitor.mjs";

// At 200 % a window of 1280 px has 640; at 400 % it has 320.
const sights = [
  { name: "320 px", width: 320 },
  { name: "390 px", width: 390 },
  { name: "1280 px at 200 %", width: 640, scale: 2 },
  { name: "text of 200 % in 1280 px", width: 1280, font: 32 },
  { name: "text of 200 % in 640 px", width: 640, font: 32 },
];

for (const { name, width, scale, font } of sights) {
  test(`nothing is lost: ${name}`, async (t) => {
    const caller = await visitor(t, { width, height: 700, scale, refusals: [404, 422] });
    const page = await enlarged(caller, font);
    for (const entry of pages) {
      await page.goto(entry.path);
      if (font) assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), `${font}px`, "the page fixes the size of its text");
      assert.deepEqual(await lost(page), [], label(entry));
    }
    for (const { lang, path } of landings) {
      await page.goto(path);
      await fill(page, bad, []);
      await submit(page);
      await summary(page);
      assert.deepEqual(await lost(page), [], `errors ${lang}`);
    }
  });
}

// enlarged sets the size of text that the person chose in the browser.
async function enlarged({ context, page }, standard) {
  if (standard) {
    const session = await context.newCDPSession(page);
    await session.send("Page.setFontSizes", { fontSizes: { standard, fixed: standard } });
  }
  return page;
}

for (const width of [1280, 390]) {
  test(`targets are large enough for a finger (${width} px)`, async (t) => {
    const { page } = await visitor(t, { width, refusals: [404, 422] });
    for (const entry of pages) {
      await page.goto(entry.path);
      assert.deepEqual(await small(page), [], label(entry));
    }
    for (const { lang, path } of landings) {
      await page.goto(path);
      await fill(page, bad, []);
      await submit(page);
      await summary(page);
      assert.deepEqual(await small(page), [], `errors ${lang}`);
    }
  });
}

// WCAG 1.4.11 asks for a contrast of 3 between a control and what is beside it.
for (const colours of ["light", "dark", "forced", "forced dark"]) {
  test(`fields and buttons can be told from the page (${colours})`, async (t) => {
    const { page } = await visitor(t, { scheme: colours.includes("dark") ? "dark" : "light" });
    await page.emulateMedia({ forcedColors: colours.startsWith("forced") ? "active" : "none" });
    let controls = 0;
    for (const entry of pages.filter(({ status }) => !status)) {
      await page.goto(entry.path);
      for (const { id, contrast } of await edges(page)) {
        assert.ok(contrast >= 3, `${label(entry)}: #${id} has an edge of contrast ${contrast.toFixed(2)}`);
        controls++;
      }
    }
    assert.ok(controls > 0, "no control was seen");
  });
}
