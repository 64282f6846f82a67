// The form as people use it: sent, refused, mended, with JavaScript and without.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answers, bad, faulty, fieldState, fill, good, receipt, requireOneLead, submit, summary, texts } from "./lib/form.mjs";
import { languages } from "./lib/pages.mjs";
import { leads, person } from "./lib/site.mjs";
import { visitor } from "./lib/visitor.mjs";

for (const [lang, words] of Object.entries(languages)) {
  for (const script of [true, false]) {
    const how = `${lang}, ${script ? "with" : "without"} JavaScript`;

    test(`a lead is sent and its reference shown (${how})`, async (t) => {
      const { page, posts } = await visitor(t, { lang, script });
      const given = good();
      await page.goto(words.landing);
      assert.equal(await page.locator("html").getAttribute("lang"), lang);
      assert.equal(await page.locator("#consent-accepted").isChecked(), false, "consent is ticked beforehand");
      assert.equal(await page.locator("#consent-marketing").isChecked(), false, "marketing is ticked beforehand");
      await fill(page, given);
      await submit(page);
      const shown = await receipt(page, lang);
      assert.equal(await page.locator("html").getAttribute("lang"), lang);
      assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1", "the heading of the receipt takes the focus");
      assert.equal(posts.length, 1);
      await requireOneLead(given.email, shown);
    });

    // The words are the server's and the elements the same: each language once, and each way.
    if (script !== (lang === "pt-BR")) continue;

    test(`one error is said at its field and in the summary (${how})`, async (t) => {
      const { page } = await visitor(t, { lang, script, refusals: [422] });
      await page.goto(words.landing);
      await fill(page, { ...good(), name: "" });
      await submit(page);
      const lines = await summary(page);
      assert.deepEqual(lines.map((line) => line.href), ["#name"]);
      for (const id of [...texts, "consent-accepted", "consent-marketing"]) {
        const wrong = id === "name";
        assert.deepEqual(await fieldState(page, id), { error: wrong ? lines[0].text : "", invalid: wrong, described: wrong }, id);
      }
      await requireTitle(page, words);
    });

    test(`all errors are said, answers are kept, and the mended form is taken (${how})`, async (t) => {
      const { page } = await visitor(t, { lang, script, refusals: [422] });
      const hostile = `"><img src=x onerror=alert(1)></textarea><script>alert(1)</script>`;
      const wrong = { ...bad, message: hostile + bad.message };
      await page.goto(words.landing);
      await fill(page, wrong, ["consent-marketing"]);
      await submit(page);

      const lines = await summary(page);
      assert.deepEqual(lines.map((line) => line.href), faulty.map((id) => `#${id}`), "one line for each field, in the order of the fields");
      for (const [i, id] of faulty.entries()) {
        assert.deepEqual(await fieldState(page, id), { error: lines[i].text, invalid: true, described: true }, id);
        assert.notEqual(lines[i].text, "", id);
      }
      await requireTitle(page, words);
      assert.deepEqual(await answers(page), { name: "", ...wrong, "consent-accepted": false, "consent-marketing": true });

      for (const id of faulty) {
        await page.locator(`#summary-list a[href="#${id}"]`).click();
        // Without a script the browser moves the place from which Tab goes on, and no more.
        if (script) await page.waitForFunction((id) => document.activeElement.id === id, id);
        else assert.equal(new URL(page.url()).hash, `#${id}`);
        const box = await page.locator(`#${id}`).boundingBox();
        assert.ok(box.y >= 0 && box.y < 900, `${id} is out of sight at ${box.y}`);
      }

      const mended = good();
      await fill(page, mended);
      await submit(page);
      await requireOneLead(mended.email, await receipt(page, lang));
    });
  }
}

async function requireTitle(page, { prefix }) {
  const title = await page.title();
  assert.ok(title.startsWith(prefix) && !title.slice(prefix.length).startsWith(prefix), title);
}

test("back after the receipt and sent with other answers is another lead", async (t) => {
  const { page, posts } = await visitor(t);
  const given = good();
  await page.goto("/");
  await fill(page, given);
  await submit(page);
  const first = await receipt(page, "pt-BR");
  await page.goBack();
  await fill(page, { ...given, message: "Outro pedido" });
  await submit(page);
  await page.waitForURL((url) => url.pathname === "/obrigado/" && !url.search.includes(first));
  const second = await receipt(page, "pt-BR");
  assert.notEqual(posts[0].headers()["idempotency-key"], posts[1].headers()["idempotency-key"]);
  assert.deepEqual((await leads(given.email)).map((lead) => lead.reference).sort(), [first, second].sort());
});

test("back after the receipt and sent untouched is the same lead", async (t) => {
  const { page } = await visitor(t);
  const given = good();
  await page.goto("/");
  await fill(page, given);
  await submit(page);
  const first = await receipt(page, "pt-BR");
  await page.goBack();
  await page.waitForFunction((email) => document.getElementById("email").value === email, given.email);
  await page.locator("#consent-accepted").setChecked(true);
  const again = page.waitForResponse("**/api/leads");
  await submit(page);
  assert.equal((await again).headers()["idempotent-replayed"], "true");
  await page.waitForURL((url) => url.pathname === "/obrigado/");
  await requireOneLead(given.email, first);
});

for (const script of [true, false]) {
  test(`a double click is one lead (${script ? "with" : "without"} JavaScript)`, async (t) => {
    const { page, posts } = await visitor(t, { script });
    const given = good();
    await page.goto("/");
    await fill(page, given);
    await page.locator("#submit").dblclick();
    await requireOneLead(given.email, await receipt(page, "pt-BR"));
    if (script) assert.equal(posts.length, 1); // without, the server knows the second by its content
  });
}

test("a slip in an address is pointed out and not refused", async (t) => {
  const { page } = await visitor(t, { lang: "en" });
  const given = { ...good(), email: `${person().split("@")[0]}@gmial.com` };
  const hint = page.locator("#email-suggestion");
  await page.goto("/en/");
  await fill(page, { email: "ana@example.com", name: "" }, []);
  assert.equal(await hint.textContent(), "");
  await fill(page, given);
  assert.match(await hint.textContent(), new RegExp(given.email.replace("gmial", "gmail")));
  await submit(page);
  await requireOneLead(given.email, await receipt(page, "en"));
});

test("a message near its limit is told how much is left", async (t) => {
  const { page } = await visitor(t);
  const count = page.locator("#message-count");
  await page.goto("/");
  for (const [length, said] of [[899, ""], [900, "100"], [999, "1"], [1001, "1"], [10, ""]]) {
    await page.locator("#message").fill("🜍".repeat(length));
    assert.equal((await count.textContent()).match(/-?\d+/)?.[0] ?? "", said, `${length} characters`);
  }
});

test("the reference is copied, or marked where the browser refuses that", async (t) => {
  const shown = "NG-7K3M-9Q2X";
  const open = async (options) => {
    const { page } = await visitor(t, options);
    await page.goto(`/obrigado/?ref=${shown}`);
    return page;
  };
  const allowed = await open({ permissions: ["clipboard-read", "clipboard-write"] });
  await allowed.locator("#copy").click();
  await allowed.waitForFunction(() => document.getElementById("copied").textContent !== "");
  assert.equal(await allowed.evaluate(() => navigator.clipboard.readText()), shown);

  const refused = await open({});
  await refused.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("denied", "NotAllowedError"));
  });
  await refused.locator("#copy").click();
  await refused.waitForFunction((shown) => String(getSelection()) === shown, shown);
  assert.equal(await refused.locator("#copied").textContent(), "");

  const plain = await open({ script: false });
  assert.equal(await plain.locator("#copy").isVisible(), false, "a button that does nothing");
});
