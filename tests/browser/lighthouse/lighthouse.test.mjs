// Every indexable page against budget.json. In the gate it is the median of five
// runs; otherwise the landing page is run once, and its times are not judged.

import assert from "node:assert/strict";
import { test } from "node:test";
import { label, pages } from "../lib/pages.mjs";
import { base, gate } from "../lib/site.mjs";
import { header, judge, measure, medians, quiet, row, weigh } from "./gate.mjs";

const rounds = 5;
const tries = 3;

const measured = pages.filter((page) => page.indexable && (gate || page.path === "/"));

for (const page of measured) {
  test(`within the budget: ${label(page)}`, async (t) => {
    const url = base + page.path;
    const result = gate ? await whole(t, url) : await measure(url);
    const weight = await weigh(url, result.requests);
    t.diagnostic(header);
    t.diagnostic(row(label(page), result, weight));
    assert.deepEqual(judge(page, url, result, weight, !gate), []);
  });
}

async function whole(t, url) {
  const runs = [];
  for (let n = 0; n < rounds + tries && runs.length < rounds; n++) {
    const run = await measure(url);
    if (run.benchmark >= quiet || n >= tries) runs.push(run);
    else t.diagnostic(`run again: benchmark index ${run.benchmark} below ${quiet}`);
  }
  return medians(runs);
}
