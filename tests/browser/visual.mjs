// Pictures of pages, made to come out the same each time.

import { label } from "./lib/pages.mjs";

export const widths = [390, 1280];
export const schemes = ["light", "dark"];

// The time that scripts of the page see.
const now = new Date("2026-03-02T12:00:00Z");

export async function picture(page, entry, { width, scheme }) {
  await page.setViewportSize({ width, height: 800 });
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  await page.clock.setFixedTime(now);
  await page.goto(entry.path, { waitUntil: "networkidle" });
  return page.screenshot({ fullPage: true, animations: "disabled", caret: "hide", scale: "css" });
}

export function file(entry, { width, scheme }) {
  return `${label(entry).replaceAll(" ", "-").toLowerCase()}-${scheme}-${width}.png`;
}
