// The pages on small screens, enlarged, and in the colours that a person chose.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bad, badRequest, fill, submit, summary } from "./lib/form.mjs";
import { edges, lost, small } from "./lib/look.mjs";
import { distinct, label, landings, rightsPages } from "./lib/pages.mjs";
import { visitor } from "./lib/visitor.mjs";

// A window of 1280 px enlarged to 200 % has 640, to 400 % it has 320.
const sights = [
  { name: "320 px to 1280 px", widths: [320, 390, 640, 1280] },
  { name: "text of 200 %", widths: [640, 1280], font: 32 },
];

for (const { name, widths, font } of sights) {
  test(`nothing is lost and targets are large enough: ${name}`, async (t) => {
    const { page, context } = await visitor(t, { refusals: [404, 422] });
    if (font) {
      // What the person set in the browser.
      const session = await context.newCDPSession(page);
      await session.send("Page.setFontSizes", { fontSizes: { standard: font, fixed: font } });
    }
    const check = async (where) => {
      for (const width of widths) {
        await page.setViewportSize({ width, height: 700 });
        assert.equal(await page.evaluate(() => innerWidth), width);
        assert.deepEqual(await lost(page), [], `${where}, ${width} px`);
        assert.deepEqual(await small(page), [], `${where}, ${width} px`);
      }
    };
    for (const entry of distinct) {
      await page.goto(entry.path);
      if (font) assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize), `${font}px`, "the page fixes the size of its text");
      await check(label(entry));
    }
    for (const entry of [...landings, ...rightsPages]) {
      await page.goto(entry.path);
      await fill(page, entry.rights ? badRequest : bad, []);
      await submit(page);
      await summary(page);
      await check(`errors of ${label(entry)}`);
    }
  });
}

// WCAG 1.4.11 asks for a contrast of 3 between a control and what is beside it. The
// languages and variants have the same controls.
for (const colours of ["light", "dark", "forced", "forced dark"]) {
  test(`fields and buttons can be told from the page (${colours})`, async (t) => {
    const { page } = await visitor(t, { scheme: colours.includes("dark") ? "dark" : "light" });
    await page.emulateMedia({ forcedColors: colours.startsWith("forced") ? "active" : "none" });
    for (const name of ["landing variant a", "rights"]) {
      await page.goto(distinct.find((entry) => entry.name === name).path);
      const found = await edges(page);
      assert.ok(found.length > 0, `${name}: no control was seen`);
      for (const { id, contrast } of found) assert.ok(contrast >= 3, `${name}: #${id} has an edge of contrast ${contrast.toFixed(2)}`);
    }
  });
}
