// Every page in both themes and two widths against the pictures in baselines.

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

for (const entry of distinct) {
  for (const width of widths) {
    for (const scheme of schemes) {
      test(`${label(entry)} looks as it did, ${width} px, ${scheme}`, async (t) => {
        const { page } = await visitor(t, { lang: entry.lang, refusals: [404] });
        const view = { width, scheme };
        const shot = await picture(page, entry, view);
        const path = join(baselines, file(entry, view));
        if (update) {
          await mkdir(baselines, { recursive: true });
          await writeFile(path, shot);
          return;
        }
        await compare(path, shot);
      });
    }
  }
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
