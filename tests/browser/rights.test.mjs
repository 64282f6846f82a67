// The request of a data subject: sent, refused, mended, with JavaScript and without.

import assert from "node:assert/strict";
import { test } from "node:test";
import { badRequest, faultyRequest, fieldState, fill, good, goodRequest, requireOneLead, receipt, rightsReceipt, submit, summary, useUpRights, valuesOf } from "./lib/form.mjs";
import { languages } from "./lib/pages.mjs";
import { rightsRequest } from "./lib/site.mjs";
import { visitor } from "./lib/visitor.mjs";

const texts = ["email", "reference", "message"];

// The words are the server's and the elements the same: each language once, and each way.
for (const [lang, script] of [["pt-BR", true], ["en", false]]) {
  const words = languages[lang];
  const how = `${lang}, ${script ? "with" : "without"} JavaScript`;

  test(`a request is sent and its protocol shown (${how})`, async (t) => {
    const { page, posts } = await visitor(t, { lang, script });
    const given = goodRequest();
    await page.goto(words.rights);
    assert.equal(await page.locator("input[name=kind]:checked").count(), 0, "a right is chosen beforehand");
    await fill(page, given, ["kind-erasure"]);
    await submit(page);
    const protocol = await rightsReceipt(page, lang);
    assert.equal(await page.locator("html").getAttribute("lang"), lang);
    assert.equal(posts.length, 1);
    const { kind, email, locale, message } = await rightsRequest(protocol);
    assert.deepEqual({ kind, email, locale, message }, { kind: "erasure", locale: lang, ...given });
  });

  test(`a right that is not chosen is said at the group (${how})`, async (t) => {
    const { page } = await visitor(t, { lang, script, refusals: [422] });
    await page.goto(words.rights);
    await fill(page, goodRequest(), []);
    await submit(page);
    const lines = await summary(page);
    assert.deepEqual(lines.map((line) => line.href), ["#kind"]);
    for (const id of ["kind", ...texts]) {
      const wrong = id === "kind";
      assert.deepEqual(await fieldState(page, id), { error: wrong ? lines[0].text : "", invalid: wrong, described: wrong }, id);
    }
    assert.ok((await page.title()).startsWith(words.prefix), await page.title());
    await page.locator('#summary-list a[href="#kind"]').click();
    // Without a script the browser moves the place from which Tab goes on, and no more.
    if (script) await page.waitForFunction(() => document.activeElement.id === "kind");
    else assert.equal(new URL(page.url()).hash, "#kind");
    assert.equal(await page.locator("#kind").evaluate((field) => field.type), "radio", "the anchor is no radio button");
  });

  test(`all errors are said, answers are kept, and the mended request is taken (${how})`, async (t) => {
    const { page } = await visitor(t, { lang, script, refusals: [422] });
    await page.goto(words.rights);
    await fill(page, badRequest, []);
    await submit(page);
    const lines = await summary(page);
    assert.deepEqual(lines.map((line) => line.href), faultyRequest.map((id) => `#${id}`));
    for (const [i, id] of faultyRequest.entries()) {
      assert.deepEqual(await fieldState(page, id), { error: lines[i].text, invalid: true, described: true }, id);
    }
    assert.deepEqual(await valuesOf(page, texts, ["kind"]), { ...badRequest, kind: false });

    await fill(page, {}, ["kind-correction"]);
    await submit(page);
    await page.waitForFunction(() => document.querySelectorAll("#summary-list li").length === 3);
    await summary(page);
    assert.deepEqual(await valuesOf(page, texts, ["kind-correction"]), { ...badRequest, "kind-correction": true });

    const mended = { ...goodRequest(), reference: "" };
    await fill(page, mended, []);
    await submit(page);
    const { kind, email } = await rightsRequest(await rightsReceipt(page, lang));
    assert.deepEqual({ kind, email }, { kind: "correction", email: mended.email });
  });

  test(`requests have a limit of their own (${how})`, async (t) => {
    const caller = await visitor(t, { lang, script, refusals: [429] });
    const { page } = caller;
    await useUpRights(caller);
    const given = goodRequest();
    await page.goto(words.rights);
    await fill(page, given, ["kind-access"]);
    await submit(page);
    const lines = await summary(page);
    assert.equal(lines.length, 1);
    const [, minutes] = lines[0].text.match(/(\d+) minut/) ?? [];
    assert.ok(minutes >= 1 && minutes <= 60, `${lines[0].text} does not say for how many minutes`);
    assert.deepEqual(await valuesOf(page, texts, ["kind-access"]), { ...given, reference: "", "kind-access": true });

    const lead = good();
    await page.goto(words.landing);
    await fill(page, lead);
    await submit(page);
    await requireOneLead(lead.email, await receipt(page, lang));
  });
}

test("the receipt of a lead leads to a request with its reference", async (t) => {
  const { page } = await visitor(t, { lang: "en" });
  const lead = good();
  await page.goto("/en/");
  await fill(page, lead);
  await submit(page);
  const sent = await receipt(page, "en");
  await page.locator("#onward").click();
  await page.waitForFunction((sent) => document.querySelector("input#reference")?.value === sent, sent);
  await fill(page, { email: lead.email }, ["kind"]);
  await submit(page);
  const { kind, reference, leads } = await rightsRequest(await rightsReceipt(page, "en"));
  assert.deepEqual({ kind, reference, leads }, { kind: "confirmation", reference: sent, leads: 1 });
});
