// Debian's Chromium.

import { chromium } from "playwright-core";

// Playwright sets --headless, --no-sandbox, --no-first-run and the flags against
// background traffic itself.
// A renderer of its own for every visitor costs a tenth of the CPU of all tests.
const flags = ["--disable-gpu", "--disable-quic", "--disable-sync", "--renderer-process-limit=1"];

export function launch() {
  return chromium.launch({ executablePath: process.env.NIGREDO_CHROMIUM, args: flags });
}
