// Pictures of pages, made to come out the same each time.

import { label, languages } from "./lib/pages.mjs";

export const widths = [390, 1280];
export const schemes = ["light", "dark"];

// The time that scripts of the page see.
const now = new Date("2026-03-02T12:00:00Z");

// tallest cuts off what is further down.
export async function picture(page, entry, { width, scheme }, tallest = Infinity) {
  await page.setViewportSize({ width, height: 800 });
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  await page.clock.setFixedTime(now);
  await page.goto(entry.path, { waitUntil: "networkidle" });
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const clip = { x: 0, y: 0, width, height: Math.min(height, tallest) };
  return page.screenshot({ fullPage: true, clip, animations: "disabled", caret: "hide", scale: "css" });
}

export function file(entry, { width, scheme }) {
  return `${label(entry).replaceAll(" ", "-").toLowerCase()}-${scheme}-${width}.png`;
}

// card draws what links to the site are shown with: name and heading of the landing
// page over the covered sun. It uses the fonts of Debian that this machine has.
export async function card(page, lang) {
  await page.goto(`${languages[lang].landing}?variant=a`);
  const { name, heading, sun } = await page.evaluate(() => ({
    name: document.querySelector(".brand").textContent.trim(),
    heading: document.querySelector("h1").textContent.trim(),
    sun: document.querySelector("svg.sun").innerHTML,
  }));
  await page.setViewportSize({ width: 1200, height: 630 });
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await page.goto("about:blank"); // a page without the policy of the site
  await page.setContent(`<!doctype html><html lang="${lang}"><style>
    body { margin: 0; overflow: hidden; background: #0d0b0a; color: #f3ece1; font-family: "Palatino Linotype", Palatino, Georgia, "Liberation Serif", serif }
    svg { position: absolute; right: -230px; top: -85px; width: 800px; height: 800px; fill: none; stroke: #e8b55a }
    .ray { stroke-width: 22; stroke-dasharray: 0.8 6.53; opacity: 0.45 }
    .ray.long { stroke-width: 46; stroke-dasharray: 0.8 13.511; opacity: 0.3 }
    .disc { fill: #060505; stroke: none }
    .rim { stroke-width: 2; filter: drop-shadow(0 0 14px #e8b55a) }
    h1 { position: absolute; left: 72px; top: 168px; width: 680px; margin: 0; font-size: 78px; font-weight: 500; line-height: 1.08; letter-spacing: -0.02em; text-wrap: balance }
    p { position: absolute; left: 74px; margin: 0; font-family: "Liberation Sans", Arial, sans-serif }
    .name { top: 86px; font-size: 24px; letter-spacing: 0.16em; color: #e8b55a; font-weight: 700; text-transform: uppercase }
    .place { bottom: 72px; font-size: 30px; color: #b8ac9d }
  </style><svg viewBox="-200 -200 400 400">${sun}</svg><p class="name"></p><h1></h1><p class="place">alquimista.ai</p></html>`);
  await page.locator(".name").evaluate((e, text) => { e.textContent = text; }, name);
  await page.locator("h1").evaluate((e, text) => { e.textContent = text; }, heading);
  return page.screenshot();
}
