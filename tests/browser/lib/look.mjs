// What a page looks like to the browser: what can be reached, where it lies,
// whether it can be seen. The functions run in the page.

import { PNG } from "pngjs";

// reachable gives the names of all that the Tab key should stop at, in the order of
// the document: links, buttons and fields that are shown and not taken out.
export function reachable(page) {
  return page.evaluate(() => {
    const stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
      .filter((e) => e.tabIndex >= 0 && !e.disabled && e.type !== "hidden" && e.checkVisibility({ visibilityProperty: true }));
    const seen = new Set();
    return stops.filter((e) => { // of a group of radios only one
      if (e.type !== "radio") return true;
      if (seen.has(e.name)) return false;
      return seen.add(e.name);
    }).map((e) => e.id || `${e.localName} ${e.textContent.trim()}`);
  });
}

// focused tells what has the focus and whether a person can see that it has: it
// lies in the window, nothing covers it, and its outline or shadow shows.
export function focused(page) {
  return page.evaluate(() => {
    const e = document.activeElement;
    const box = e.getBoundingClientRect();
    const style = getComputedStyle(e);
    const at = document.elementFromPoint(
      Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1),
      Math.min(Math.max(box.top + Math.min(box.height, innerHeight) / 2, 0), innerHeight - 1),
    );
    return {
      name: e === document.body ? "" : e.id || `${e.localName} ${e.textContent.trim()}`,
      visible: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
      covered: !(at && (e.contains(at) || at.contains(e) || at.closest("label")?.control === e)),
      marked: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none",
    };
  });
}

// lost gives the texts that are cut off or lie beside the page, and "sideways" when
// the page scrolls sideways. A table may scroll in a box of its own (WCAG 1.4.10).
export function lost(page) {
  return page.evaluate(() => {
    const found = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.push(`sideways: ${scrollWidth} px in ${clientWidth} px`);
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const parent = text.parentElement;
      if (!text.data.trim() || parent.closest("script, style, noscript, svg, [aria-hidden=true]") || !parent.checkVisibility()) continue;
      range.selectNodeContents(text);
      const rects = [...range.getClientRects()].filter((r) => r.width > 0);
      if (rects.every((r) => r.bottom + scrollY <= 0 || r.width <= 1)) continue; // a skip link, shown on focus; words for screen readers
      if (boxes(parent).some((box) => rects.some((r) => outside(r, box)))) found.push(`cut off: ${text.data.trim()}`);
    }
    for (const field of document.querySelectorAll("input:not([type=hidden]), textarea, button, select")) {
      if (field.closest("[aria-hidden=true]") || !field.checkVisibility()) continue;
      const r = field.getBoundingClientRect();
      if (r.left < -1 || r.right > clientWidth + 1) found.push(`cut off: #${field.id}`);
    }
    return found;

    function boxes(e) {
      const around = [];
      for (; e && e !== document.body; e = e.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(e);
        if (/auto|scroll/.test(overflowX)) return around;
        if (/hidden|clip/.test(overflowX + overflowY)) around.push(e.getBoundingClientRect());
      }
      around.push({ left: 0, right: clientWidth, top: -Infinity, bottom: Infinity });
      return around;
    }

    function outside(r, box) {
      return r.left < box.left - 1 || r.right > box.right + 1 || r.top < box.top - 1 || r.bottom > box.bottom + 1;
    }
  });
}

// small gives the targets under 24 px that WCAG 2.5.8 does not excuse: those that
// are no link in a sentence and whose circle of 24 px touches another target.
export function small(page) {
  return page.evaluate(() => {
    const least = 24;
    const targets = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
      .filter((e) => e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true }))
      .map((e) => ({ e, box: e.getBoundingClientRect() }));
    const tooSmall = ({ box }) => box.width < least || box.height < least;
    const inSentence = ({ e }) => getComputedStyle(e).display === "inline" &&
      [...e.parentElement.childNodes].some((n) => n !== e && n.nodeType === Node.TEXT_NODE && n.data.trim());
    const centre = ({ box }) => [box.left + box.width / 2, box.top + box.height / 2];
    const touches = (a, b) => {
      const [x, y] = centre(a);
      if (tooSmall(b)) {
        const [u, v] = centre(b);
        return Math.hypot(x - u, y - v) < least;
      }
      const dx = Math.max(b.box.left - x, 0, x - b.box.right);
      const dy = Math.max(b.box.top - y, 0, y - b.box.bottom);
      return Math.hypot(dx, dy) < least / 2;
    };
    return targets
      .filter((a) => tooSmall(a) && !inSentence(a) && targets.some((b) => b !== a && touches(a, b)))
      .map(({ e, box }) => `${e.id || e.textContent.trim()}: ${box.width.toFixed()} by ${box.height.toFixed()}`);
  });
}

// edges gives, for each control that is shown, the highest contrast between the
// ground beside it and the pixels of its left edge, as they are painted.
export async function edges(page) {
  const picture = PNG.sync.read(await page.screenshot({ fullPage: true, scale: "css" }));
  const controls = await page.locator("input:not([type=hidden]), textarea, select, button").evaluateAll((all) => all
    .filter((e) => e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true }))
    .map((e) => ({ id: e.id, box: e.getBoundingClientRect() }))
    .map(({ id, box }) => ({ id, x: Math.round(box.left + scrollX), y: Math.round(box.top + scrollY + box.height / 2) })));
  return controls.map(({ id, x, y }) => ({ id, contrast: contrastAt(picture, x, y) }));
}

function contrastAt({ width, data }, x, y) {
  const beside = 6;
  const luminance = (column) => [0.2126, 0.7152, 0.0722].reduce((sum, share, channel) => {
    const v = data[4 * (y * width + column) + channel] / 255;
    return sum + share * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  }, 0);
  const ground = luminance(Math.max(x - beside, 0));
  let best = 1;
  for (let column = Math.max(x - beside, 0); column < x + beside; column++) {
    const [low, high] = [ground, luminance(column)].sort((a, b) => a - b);
    best = Math.max(best, (high + 0.05) / (low + 0.05));
  }
  return best;
}
