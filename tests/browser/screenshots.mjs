// Takes pictures for people: node screenshots.mjs folder. Among them are og-<language>.png,
// which links to the site are shown with: a new heading needs new ones in site/src/static.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { launch } from "./lib/chromium.mjs";
import { bad, badRequest, fill, good, receipt, submit, summary } from "./lib/form.mjs";
import { distinct, languages } from "./lib/pages.mjs";
import { address, base } from "./lib/site.mjs";
import { card, file, picture, schemes } from "./visual.mjs";

const [, , folder] = process.argv;
if (!folder) throw new Error("name a folder for the pictures");
await mkdir(folder, { recursive: true });

const devices = { phone: { width: 390, scale: 2 }, desktop: { width: 1280, scale: 1 } };
const browser = await launch();
let taken = 0;
try {
  for (const { width, scale } of Object.values(devices)) {
    for (const scheme of schemes) {
      for (const lang of Object.keys(languages)) await take({ lang, width, scale, scheme });
    }
  }
  for (const lang of Object.keys(languages)) await drawCard(lang);
} finally {
  await browser.close();
}
console.log(`${taken} pictures in ${folder}`);

// take makes the pictures of one language, width and theme.
async function take({ lang, width, scale, scheme }) {
  const context = await browser.newContext({
    baseURL: base, locale: lang, timezoneId: "America/Sao_Paulo", deviceScaleFactor: scale,
    extraHTTPHeaders: { "X-Forwarded-For": address() },
  });
  const page = await context.newPage();
  const save = async (name, shot) => {
    await writeFile(join(folder, name), shot);
    taken++;
  };
  const full = () => page.screenshot({ fullPage: true, animations: "disabled", caret: "hide" });
  for (const entry of distinct.filter((page) => page.lang === lang)) {
    await save(file(entry, { width, scheme }), await picture(page, entry, { width, scheme }));
  }
  const state = (name) => file({ name, lang }, { width, scheme });
  await page.goto(languages[lang].landing);
  await fill(page, bad, []);
  await submit(page);
  await summary(page);
  await save(state("errors"), await full());
  await fill(page, good());
  await submit(page);
  await receipt(page, lang);
  await save(state("sent"), await full());
  await page.goto(languages[lang].rights);
  await fill(page, badRequest, []);
  await submit(page);
  await summary(page);
  await save(state("rights errors"), await full());
  await context.close();
}

async function drawCard(lang) {
  const page = await browser.newPage({ baseURL: base, locale: lang, extraHTTPHeaders: { "X-Forwarded-For": address() } });
  await writeFile(join(folder, `og-${lang}.png`), await card(page, lang));
  taken++;
  await page.close();
}
