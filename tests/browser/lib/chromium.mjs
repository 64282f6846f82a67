// Debian's Chromium.

import { chromium } from "playwright-core";

// Playwright sets --headless, --no-sandbox, --no-first-run and the flags against
// background traffic itself.
const flags = ["--disable-gpu", "--disable-quic", "--disable-sync"];

export function launch() {
  return chromium.launch({ executablePath: process.env.NIGREDO_CHROMIUM, args: flags });
}
