// Everything by keyboard alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { good, goodRequest, receipt, requireOneLead, rightsReceipt, summary } from "./lib/form.mjs";
import { focused, reachable } from "./lib/look.mjs";
import { distinct, label, languages } from "./lib/pages.mjs";
import { rightsRequest } from "./lib/site.mjs";
import { visitor } from "./lib/visitor.mjs";

for (const [lang, width] of [["pt-BR", 1280], ["en", 320]]) {
  test(`Tab reaches everything in its order, and back, and the focus is always seen (${lang}, ${width} px)`, async (t) => {
    const { page } = await visitor(t, { lang, width, height: 600, refusals: [404] });
    for (const entry of distinct.filter((page) => page.lang === lang)) {
      await page.goto(entry.path);
      await fromTheTop(page);
      const want = await reachable(page);
      assert.ok(want.length > 0, `${label(entry)}: nothing to reach`);
      const forth = await walk(page, "Tab", want.length, label(entry));
      assert.deepEqual(forth, want, label(entry));
      const back = await walk(page, "Shift+Tab", want.length - 1, label(entry));
      assert.deepEqual(back, want.slice(0, -1).reverse(), label(entry));
    }
  });
}

test("the fields come in their order, after a link to skip to them, and the trap never", async (t) => {
  const { page } = await visitor(t);
  await page.goto("/");
  const stops = await walk(page, "Tab", (await reachable(page)).length, "landing");
  const fields = ["name", "email", "phone", "company", "message", "consent-accepted", "consent-marketing", "submit"];
  assert.deepEqual(stops.filter((name) => fields.includes(name)), fields);
  assert.ok(!stops.includes("checks-trap"), "the trap is reached");
  await page.reload();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const next = [];
  for (let i = 0; i < 3; i++) {
    await page.keyboard.press("Tab");
    next.push((await focused(page)).name);
  }
  assert.ok(next.includes("name"), `the first link leads to ${next}, not to the form`);
});

for (const [lang, words] of Object.entries(languages)) {
  test(`a refused form is mended and sent without a mouse (${lang})`, async (t) => {
    const { page } = await visitor(t, { lang, refusals: [422] });
    await page.goto(words.landing);
    const given = good();
    const reach = (id) => tabTo(page, id);
    await reach("email");
    await page.keyboard.press("Enter");
    const lines = await summary(page);
    assert.deepEqual(lines.map((line) => line.href), ["#name", "#email", "#consent-accepted"]);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement.id === "name");
    await page.keyboard.type(given.name);
    await reach("email");
    await page.keyboard.type(given.email);
    await reach("consent-accepted");
    await page.keyboard.press("Space");
    await reach("submit");
    await page.keyboard.press("Enter");
    await requireOneLead(given.email, await receipt(page, lang));
  });
}

test("a right is chosen by the arrow keys, and its request sent without a mouse", async (t) => {
  const { page } = await visitor(t);
  await page.goto("/privacidade/solicitacao/");
  const given = goodRequest();
  await tabTo(page, "kind");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  assert.equal((await focused(page)).name, "kind-access");
  assert.equal(await page.locator("#kind-access").isChecked(), true);
  await page.keyboard.press("Tab");
  assert.equal((await focused(page)).name, "email", "Tab leaves the group");
  await page.keyboard.press("Shift+Tab");
  assert.equal((await focused(page)).name, "kind-access", "and comes back to what was chosen");
  await page.keyboard.press("Tab");
  await page.keyboard.type(given.email);
  await page.keyboard.press("Enter");
  const { kind, email } = await rightsRequest(await rightsReceipt(page, "pt-BR"));
  assert.deepEqual({ kind, email }, { kind: "access", email: given.email });
});

async function tabTo(page, id) {
  for (let n = 0; n < 30 && (await focused(page)).name !== id; n++) await page.keyboard.press("Tab");
  assert.equal((await focused(page)).name, id);
}

// fromTheTop makes the next Tab the first, also where the heading has the focus.
function fromTheTop(page) {
  return page.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
  });
}

// walk presses a key and gives what has the focus after each press.
async function walk(page, key, times, where) {
  const stops = [];
  for (let n = 0; n < times; n++) {
    await page.keyboard.press(key);
    const { name, visible, covered, marked } = await focused(page);
    assert.ok(visible && !covered && marked, `${where}: the focus on ${name}: in the window ${visible}, covered ${covered}, marked ${marked}`);
    stops.push(name);
  }
  return stops;
}
