// Pages against the pictures in baselines: each in one theme and width in Portuguese
// and in the other ones in English, the landing page in all. More would be megabytes
// that show the same.

import assert from "node:assert/strict";
import { access, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { distinct, label } from "./lib/pages.mjs";
import { visitor } from "./lib/visitor.mjs";
import { file, picture, schemes, widths } from "./visual.mjs";

const baselines = process.env.NIGREDO_BASELINES;
const update = process.env.NIGREDO_UPDATE === "1";
const threshold = 0.1; // of pixelmatch: how far a colour may be off
const share = 0.001; // of all pixels that may differ
const tallest = 2400; // px: further down the notice is more of the same text

const views = { "pt-BR": { width: 1280, scheme: "light" }, en: { width: 390, scheme: "dark" } };
const all = widths.flatMap((width) => schemes.map((scheme) => ({ width, scheme })));

for (const entry of distinct) {
  const whole = entry.name === "landing variant a" && entry.lang === "pt-BR";
  for (const view of whole ? all : [views[entry.lang]]) {
    test(`${label(entry)} looks as it did, ${view.width} px, ${view.scheme}`, async (t) => {
      const { page } = await visitor(t, { lang: entry.lang, refusals: [404] });
      const shot = await picture(page, entry, view, tallest);
      const path = join(baselines, file(entry, view));
      if (update) {
        await mkdir(baselines, { recursive: true });
        await writeFile(path, smaller(shot));
        return;
      }
      await compare(path, shot);
    });
  }
}

// Four fifths of what Chromium makes of a page of text.
function smaller(shot) {
  return PNG.sync.write(PNG.sync.read(shot), { colorType: 2, filterType: 0, deflateLevel: 9, deflateStrategy: 0 });
}

async function compare(path, shot) {
  const beside = (what) => path.replace(/\.png$/, `.${what}.png`);
  await access(path).catch(() => assert.fail(`no baseline ${path}: look at the page, then run with -update`));
  const want = PNG.sync.read(await readFile(path));
  const got = PNG.sync.read(shot);
  const diff = new PNG({ width: want.width, height: want.height });
  const same = want.width === got.width && want.height === got.height;
  const differing = same ? pixelmatch(want.data, got.data, diff.data, want.width, want.height, { threshold }) : Infinity;
  if (differing <= share * want.width * want.height) {
    await Promise.all(["actual", "diff"].map((what) => rm(beside(what), { force: true })));
    return;
  }
  await writeFile(beside("actual"), shot);
  if (same) await writeFile(beside("diff"), PNG.sync.write(diff));
  assert.fail(same
    ? `${differing} pixels differ: see ${beside("diff")}`
    : `${got.width} by ${got.height} px, the baseline has ${want.width} by ${want.height}: see ${beside("actual")}`);
}
