// Measures a page: what it weighs on the wire, and what Lighthouse 13 makes of it
// on its mobile profile (simulated slow 4G, CPU slowed four times).

import { get } from "node:http";
import { readFileSync } from "node:fs";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

export const budget = JSON.parse(readFileSync(new URL("budget.json", import.meta.url)));

const categories = Object.keys(budget.landing);
const timings = Object.keys(budget.timings);
const shifts = Object.keys(budget.layout);

// Below it the machine is too busy for a score of its speed to say anything.
export const quiet = 1500;

const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];

// Runs that Lighthouse itself gives up, as it does on a busy machine: "Something went
// wrong with recording the trace over your page load. Please run Lighthouse again."
const attempts = 3;

// measure runs Lighthouse once on a page, in a browser of its own.
export async function measure(url) {
  for (let n = 1; ; n++) {
    const report = await run(url);
    if (!report.runtimeError) return figuresOf(report);
    if (n === attempts) throw new Error(`lighthouse, ${n} times: ${report.runtimeError.message}`);
  }
}

async function run(url) {
  const chrome = await launch({ chromePath: process.env.NIGREDO_CHROMIUM, chromeFlags: flags, logLevel: "error" });
  try {
    const { lhr } = await lighthouse(url, { port: chrome.port, onlyCategories: categories, logLevel: "error" });
    return lhr;
  } finally {
    chrome.kill();
  }
}

function figuresOf(report) {
  const requests = report.audits["network-requests"].details.items.filter(({ url }) => /^https?:/.test(url));
  return {
    benchmark: Math.round(report.environment.benchmarkIndex),
    scores: Object.fromEntries(categories.map((id) => [id, Math.round(100 * report.categories[id].score)])),
    figures: Object.fromEntries([...timings, ...shifts].map((id) => [id, report.audits[id].numericValue])),
    requests: requests.map(({ url, resourceType }) => ({ url, resourceType })),
    lost: Object.values(report.audits).filter(({ score, scoreDisplayMode }) => scoreDisplayMode === "binary" && score < 1).map(({ id }) => id),
  };
}

// weigh fetches a page and what it loads as a browser that takes Brotli does, and
// gives the bytes of the bodies on the wire.
export async function weigh(url, requests) {
  const seen = { page: 0, script: 0, cookies: 0 };
  for (const { url: part, resourceType } of requests) {
    const kind = { Document: "page", Stylesheet: "page", Script: "script" }[resourceType];
    if (!kind || new URL(part).origin !== new URL(url).origin) continue;
    const { bytes, headers } = await body(part);
    seen[kind] += bytes;
    seen.cookies += headers["set-cookie"]?.length ?? 0;
  }
  return seen;
}

function body(url) {
  return new Promise((resolve, reject) => {
    get(url, { headers: { "Accept-Encoding": "br", Accept: "text/html,*/*" } }, (answer) => {
      let bytes = 0;
      answer.on("data", (chunk) => { bytes += chunk.length; });
      answer.on("end", () => resolve({ bytes, headers: answer.headers }));
      answer.on("error", reject);
    }).on("error", reject);
  });
}

export function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}

// medians gives what several runs have in common: the median of each score and
// figure; what the page asked for, by its longest list.
export function medians(runs) {
  const of = (name) => Object.fromEntries(Object.keys(runs[0][name]).map((id) => [id, median(runs.map((run) => run[name][id]))]));
  return {
    benchmark: median(runs.map((run) => run.benchmark)),
    scores: of("scores"),
    figures: of("figures"),
    requests: runs.map((run) => run.requests).toSorted((a, b) => b.length - a.length)[0],
    lost: [...new Set(runs.flatMap((run) => run.lost))],
  };
}

// judge gives what of a page is over budget. A single run is not judged by its timings,
// the score of performance among them: they tell how fast the machine was just then (76
// to 94 for one page within minutes, on an idle machine of a benchmark index between
// 1,100 and 2,200). What makes a page fast is judged always: bytes, requests, shifts.
export function judge(page, url, result, weight, single) {
  const over = [];
  const least = page.landing ? budget.landing : budget.indexable;
  for (const [id, score] of Object.entries(result.scores)) {
    if (single && id === "performance") continue;
    if (score < least[id]) over.push(`${id} ${score}, want ${least[id]} (${result.lost.join(", ")})`);
  }
  const most = (what, value, limit) => { if (value > limit) over.push(`${what} ${value}, limit ${limit}`); };
  for (const [id, limit] of Object.entries(budget.layout)) most(id, result.figures[id], limit);
  if (page.landing) {
    if (!single) for (const [id, limit] of Object.entries(budget.timings)) most(id, Math.round(result.figures[id]), limit);
    for (const [kind, limit] of Object.entries(budget.bytes)) most(`bytes of ${kind}`, weight[kind], limit);
    most("requests", result.requests.length, budget.requests);
  }
  const origin = new URL(url).origin;
  most("third parties", result.requests.filter((request) => new URL(request.url).origin !== origin).length, budget.thirdParties);
  most("fonts", result.requests.filter(({ resourceType }) => resourceType === "Font").length, budget.fonts);
  most("cookies", weight.cookies, budget.cookies);
  return over;
}

export const header = "page                     perf a11y best  seo   FCP   LCP  TBT   CLS  HTML+CSS     JS  requests  benchmark";

export function row(name, { scores, figures, requests, benchmark }, weight) {
  const cells = [
    ...categories.map((id) => String(scores[id]).padStart(5)),
    ...timings.map((id, i) => figures[id].toFixed().padStart(i === 2 ? 5 : 6)),
    figures["cumulative-layout-shift"].toFixed(3).padStart(6),
    String(weight.page).padStart(10), String(weight.script).padStart(7), String(requests.length).padStart(10), String(benchmark).padStart(11),
  ];
  return name.padEnd(24) + cells.join("");
}
