// A visitor: a browser context of its own, with an address of its own, watched
// for everything that the pages promise never to do.

import assert from "node:assert/strict";
import { after } from "node:test";
import { launch } from "./chromium.mjs";
import { address, base } from "./site.mjs";

// One Chromium for each test file, started by the first visitor.
let browser;
after(async () => (await browser)?.close());

// visitor opens a context for test t and closes it at its end. The test fails when
// the pages reported an error, broke their own policy, asked another origin,
// fetched a font, set a cookie, or were answered with a status of 400 or more that
// is not in refusals. A test that breaks the network itself says broken: true.
export async function visitor(t, options = {}) {
  const { script = true, lang = "pt-BR", scheme = "light", width = 1280, height = 900, scale = 1, refusals = [], broken = false, headers = {}, permissions = [] } = options;
  const from = options.address ?? address();
  browser ??= launch();
  const context = await (await browser).newContext({
    baseURL: base,
    javaScriptEnabled: script,
    locale: lang,
    timezoneId: "America/Sao_Paulo",
    colorScheme: scheme,
    viewport: { width, height },
    deviceScaleFactor: scale,
    reducedMotion: "reduce",
    extraHTTPHeaders: { "X-Forwarded-For": from, ...headers },
    permissions,
  });
  context.setDefaultTimeout(15_000);
  const complaints = watch(context, { refusals, broken });
  if (script) {
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy ${event.effectiveDirective} broken by ${event.blockedURI || event.sample}`);
      });
    });
  }
  t.after(async () => {
    const cookies = await context.cookies();
    await context.close();
    complaints.push(...cookies.map(({ name }) => `cookie ${name}`));
    assert.deepEqual(complaints, [], "the pages did what they must not do");
  });
  return { context, page: await context.newPage(), script, lang, address: from, posts: posts(context) };
}

function watch(context, { refusals, broken }) {
  const complaints = [];
  context.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    if (message.text().startsWith("Failed to load resource:")) return; // judged below, by status
    complaints.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => complaints.push(`exception: ${error.error().stack ?? error.error()}`));
  context.on("dialog", async (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== base && url.protocol !== "data:") complaints.push(`request to ${url.origin}`);
    if (request.resourceType() === "font") complaints.push(`web font ${url}`);
  });
  context.on("response", (response) => {
    if (response.status() >= 400 && !refusals.includes(response.status())) {
      complaints.push(`${response.status()} for ${response.request().method()} ${response.url()}`);
    }
  });
  context.on("requestfailed", (request) => {
    const left = request.failure()?.errorText === "net::ERR_ABORTED"; // the page was left meanwhile
    if (!broken && !left) complaints.push(`${request.failure()?.errorText} for ${request.url()}`);
  });
  return complaints;
}

// The posts of forms that the browser sent, in their order.
function posts(context) {
  const sent = [];
  context.on("request", (request) => {
    if (request.method() === "POST" && /^\/api\/(leads|rights-requests)$/.test(new URL(request.url()).pathname)) sent.push(request);
  });
  return sent;
}
