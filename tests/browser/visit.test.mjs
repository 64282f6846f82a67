// What is known of a visit: where it came from, which variant it saw, and that it is
// not counted when the visitor asks for that.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fill, good, receipt, submit } from "./lib/form.mjs";
import { leads, origins, source } from "./lib/site.mjs";
import { visitor } from "./lib/visitor.mjs";

test("a campaign is kept over the link to the other language", async (t) => {
  const { page } = await visitor(t);
  const from = source();
  const given = good();
  await page.goto(`/?utm_source=${from}&utm_campaign=novembro`);
  await page.locator("#language").click();
  await page.waitForURL("**/en/");
  await fill(page, given);
  await submit(page);
  await receipt(page, "en");
  assert.deepEqual((await leads(given.email)).map((lead) => lead.source), [from]);
});

test("a view and a lead are counted under their source and variant", async (t) => {
  const { page } = await visitor(t);
  const from = source();
  await view(page, `/?variant=b&utm_source=${from}`);
  await fill(page, good());
  await submit(page);
  await receipt(page, "pt-BR");
  const found = await origins(from);
  assert.deepEqual(
    found.filter(({ variant }) => variant === "b").map(({ variant, views, accepted, conversion }) => ({ variant, views, accepted, conversion })),
    [{ variant: "b", views: 1, accepted: 1, conversion: 1 }],
  );
});

// The script sends no beacon, and the server counts none that such a browser sends.
test("who asks not to be tracked is not counted", async (t) => {
  const from = source();
  const asked = {
    doNotTrack: () => Object.defineProperty(navigator, "doNotTrack", { value: "1" }),
    globalPrivacyControl: () => Object.defineProperty(navigator, "globalPrivacyControl", { value: true }),
  };
  for (const [how, ask] of Object.entries(asked)) {
    const { page, context } = await visitor(t);
    await context.addInitScript(ask);
    const beacons = [];
    context.on("request", (request) => {
      if (new URL(request.url()).pathname === "/api/views") beacons.push(request.url());
    });
    await page.goto(`/?utm_source=${from}`, { waitUntil: "networkidle" });
    assert.equal(await page.locator('input[name="utm.source"]').inputValue(), from, "the script did not run");
    assert.deepEqual(beacons, [], how);
  }
  for (const header of ["DNT", "Sec-GPC"]) {
    const { page } = await visitor(t, { headers: { [header]: "1" } });
    await view(page, `/?utm_source=${from}`);
  }
  assert.deepEqual(await origins(from), []);
});

// view opens a page and waits until its view was taken in.
async function view(page, path) {
  const taken = page.waitForResponse("**/api/views");
  await page.goto(path);
  assert.ok((await taken).ok());
}
