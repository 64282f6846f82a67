// What goes wrong between the form and the server, and what the person is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answers, fill, good, receipt, requireOneLead, submit, summary, useUp } from "./lib/form.mjs";
import { languages } from "./lib/pages.mjs";
import { leads } from "./lib/site.mjs";
import { visitor } from "./lib/visitor.mjs";

for (const [lang, script] of [["pt-BR", true], ["en", false]]) {
  test(`at the limit the visitor is told when to come back (${lang}, ${script ? "with" : "without"} JavaScript)`, async (t) => {
    const caller = await visitor(t, { lang, script, refusals: [429] });
    const { page } = caller;
    await useUp(caller);
    const given = good();
    await page.goto(languages[lang].landing);
    await fill(page, given, ["consent-accepted", "consent-marketing"]);
    await submit(page);
    const lines = await summary(page);
    assert.equal(lines.length, 1);
    const [, minutes] = lines[0].text.match(/(\d+) minut/) ?? [];
    assert.ok(minutes >= 1 && minutes <= 60, `${lines[0].text} does not say for how many minutes`);
    await requireUsable(page, languages[lang], given);
    assert.deepEqual(await leads(given.email), []);
  });
}

for (const [lang, words] of Object.entries(languages)) {
  test(`offline the answers stay, and online again they are one lead (${lang})`, async (t) => {
    const { page, context, posts } = await visitor(t, { lang, broken: true });
    const given = good();
    await page.goto(words.landing);
    await fill(page, given, ["consent-accepted", "consent-marketing"]);
    await context.setOffline(true);
    await submit(page);
    assert.equal((await summary(page)).length, 1);
    await requireUsable(page, words, given);
    await context.setOffline(false);
    await submit(page);
    await requireOneLead(given.email, await receipt(page, lang));
    requireSameKey(posts);
  });
}

test("an answer lost on its way is no second lead", async (t) => {
  const { page, posts } = await visitor(t, { broken: true });
  const given = good();
  await page.goto("/");
  await fill(page, given, ["consent-accepted", "consent-marketing"]);
  const lost = await loseAnswer(page);
  await submit(page);
  assert.equal((await summary(page)).length, 1);
  const { reference } = await lost.promise;
  await requireUsable(page, languages["pt-BR"], given);
  await submit(page);
  assert.equal(await receipt(page, "pt-BR"), reference);
  await requireOneLead(given.email, reference);
  requireSameKey(posts);
});

test("a reload keeps the answers and the key", async (t) => {
  const { page, posts } = await visitor(t, { broken: true });
  const given = good();
  await page.goto("/");
  await fill(page, given, ["consent-accepted", "consent-marketing"]);
  const lost = await loseAnswer(page);
  await submit(page);
  await summary(page);
  const { reference } = await lost.promise;
  await page.reload();
  // A tick is given to the sentence that stands there, and is not restored.
  assert.deepEqual(await answers(page), { ...given, "consent-accepted": false, "consent-marketing": false });
  await fill(page, {}, ["consent-accepted", "consent-marketing"]);
  await submit(page);
  assert.equal(await receipt(page, "pt-BR"), reference);
  await requireOneLead(given.email, reference);
  requireSameKey(posts);
});

for (const [how, move] of Object.entries({
  "in the other language": (page) => page.locator("a[hreflang=en]").click(),
  "from another link": (page) => page.goto("/en/?utm_source=mail&variant=b"),
})) {
  test(`an answer lost on its way and sent again ${how} is no second lead`, async (t) => {
    const { page } = await visitor(t, { broken: true, refusals: [422] });
    const given = good();
    await page.goto("/?variant=a");
    await fill(page, given);
    const lost = await loseAnswer(page);
    await submit(page);
    await summary(page);
    const { reference } = await lost.promise;
    await move(page);
    await page.waitForURL((url) => url.pathname === "/en/");
    await submit(page); // the tick is forgotten: it was given to another sentence
    assert.equal((await summary(page)).length, 1);
    await fill(page, {}, ["consent-accepted"]);
    await submit(page);
    assert.equal(await receipt(page, "en"), reference);
    await requireOneLead(given.email, reference);
  });
}

test("a service that is down keeps the answers", async (t) => {
  const { page } = await visitor(t, { lang: "en", refusals: [503] });
  const given = good();
  await page.goto("/en/");
  await fill(page, given, ["consent-accepted", "consent-marketing"]);
  await page.route("**/api/leads", (route) => route.fulfill({ status: 503, body: "upstream down" }), { times: 1 });
  await submit(page);
  assert.equal((await summary(page)).length, 1);
  await requireUsable(page, languages.en, given);
  await submit(page);
  await requireOneLead(given.email, await receipt(page, "en"));
});

test("a text too long to be received is told so, and the shortened one is taken", async (t) => {
  const { page } = await visitor(t, { refusals: [413] });
  const given = good();
  const long = { ...given, message: "á".repeat(3_000) };
  // The fields hold less than that; a gateway with a smaller limit may stand before ours.
  await page.route("**/api/leads", (route) => route.fulfill({ status: 413, contentType: "application/problem+json", body: "{}" }), { times: 1 });
  await page.goto("/");
  await fill(page, long, ["consent-accepted", "consent-marketing"]);
  const refused = page.waitForResponse("**/api/leads");
  await submit(page);
  assert.equal((await refused).status(), 413);
  const lines = await summary(page);
  assert.equal(lines.length, 1);
  assert.match(lines[0].text, /longo demais/);
  await requireUsable(page, languages["pt-BR"], long);
  await fill(page, given);
  await submit(page);
  await requireOneLead(given.email, await receipt(page, "pt-BR"));
});

test("while the form is being sent the page says so and takes no second click", async (t) => {
  const { page, posts } = await visitor(t);
  const given = good();
  await page.goto("/");
  await fill(page, given);
  const reached = deferred();
  const onward = deferred();
  await page.route("**/api/leads", async (route) => {
    reached.resolve();
    await onward.promise;
    await route.continue();
  });
  await submit(page);
  await reached.promise;
  assert.notEqual((await page.locator("#status").textContent()).trim(), "");
  assert.equal(await page.locator("#submit").getAttribute("aria-disabled"), "true");
  assert.equal(await page.locator("#submit").evaluate((button) => button.disabled), false, "a disabled button loses the focus");
  await page.locator("#submit").click({ force: true });
  await page.locator("#email").press("Enter");
  onward.resolve();
  await requireOneLead(given.email, await receipt(page, "pt-BR"));
  assert.equal(posts.length, 1);
});

// loseAnswer lets one post reach the server and cuts the line before its answer
// comes back. It gives a promise of that answer in promise.
async function loseAnswer(page) {
  const lost = deferred();
  await page.route("**/api/leads", async (route) => {
    const answer = await route.fetch();
    lost.resolve(await answer.json());
    await route.abort("connectionreset");
  }, { times: 1 });
  return lost;
}

async function requireUsable(page, { prefix }, given) {
  assert.deepEqual(await answers(page), { ...given, "consent-accepted": true, "consent-marketing": true });
  assert.equal(await page.locator("#submit").getAttribute("aria-disabled"), null);
  assert.ok((await page.title()).startsWith(prefix), await page.title());
}

function requireSameKey(posts) {
  const keys = posts.map((request) => request.headers()["idempotency-key"]);
  assert.equal(keys.length, 2);
  assert.ok(keys[0], "no Idempotency-Key");
  assert.equal(keys[0], keys[1]);
}

function deferred() {
  let resolve;
  const promise = new Promise((done) => { resolve = done; });
  return { promise, resolve };
}
