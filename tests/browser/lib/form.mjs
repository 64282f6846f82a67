// What a person does with the lead form, and what it answers.

import assert from "node:assert/strict";
import { languages } from "./pages.mjs";
import { leads, person, slots } from "./site.mjs";

export const texts = ["name", "email", "phone", "company", "message"];
export const boxes = ["consent-accepted", "consent-marketing"];

export const reference = /^NG-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$/;

// Answers that are accepted, of a person nobody else is.
export function good() {
  return { name: "João D'Ávila", email: person(), phone: "+5511912345678", company: "Ácido & Cia", message: "Linha 1\nLinha 2 <b>\\" };
}

// Answers that are refused in every field that can be.
export const bad = { email: "ana@", phone: "12", company: "a".repeat(121), message: "b".repeat(1001) };
export const faulty = ["name", "email", "phone", "company", "message", "consent-accepted"];

export async function fill(page, answers, ticked = ["consent-accepted"]) {
  for (const [id, text] of Object.entries(answers)) await page.locator(`#${id}`).fill(text);
  for (const id of ticked) await page.locator(`#${id}`).check();
}

export async function answers(page) {
  const given = {};
  for (const id of texts) given[id] = await page.locator(`#${id}`).inputValue();
  for (const id of boxes) given[id] = await page.locator(`#${id}`).isChecked();
  return given;
}

export function submit(page) {
  return page.locator("#submit").click();
}

// The reference on the receipt, once that is shown.
export async function receipt(page, lang) {
  await page.waitForURL((url) => url.pathname === languages[lang].receipt);
  const shown = (await page.locator("#reference").textContent()).trim();
  assert.match(shown, reference);
  return shown;
}

// The lines of the error summary, once it is shown and has the focus.
export async function summary(page) {
  await page.locator("#summary").waitFor({ state: "visible" });
  await page.waitForFunction(() => document.readyState === "complete" && document.activeElement?.id === "summary");
  return page.locator("#summary-list li").evaluateAll((lines) => lines.map((line) => ({
    text: line.textContent.trim(),
    href: line.querySelector("a")?.getAttribute("href") ?? null,
  })));
}

// What stands at a field: its error, and how a screen reader learns of it.
export function fieldState(page, id) {
  return page.evaluate((id) => {
    const field = document.getElementById(id);
    return {
      error: document.getElementById(`${id}-error`)?.textContent.trim() ?? "",
      invalid: field.getAttribute("aria-invalid") === "true",
      described: (field.getAttribute("aria-describedby") ?? "")
        .split(" ")
        .some((other) => other === `${id}-error` && document.getElementById(other)?.textContent.trim()),
    };
  }, id);
}

// One lead of an e-mail address, with the reference that the visitor saw.
export async function requireOneLead(email, shown) {
  const stored = await leads(email);
  assert.deepEqual(stored.map((lead) => lead.reference), [shown]);
}

// useUp sends as many leads from the visitor's address as an hour allows.
export async function useUp({ context }) {
  for (let n = 0; n < slots; n++) {
    const answer = await context.request.post("/api/leads", {
      data: { name: "Ana Souza", email: person(), consent: { accepted: true } },
    });
    assert.equal(answer.status(), 201, `lead ${n + 1} of ${slots}: ${await answer.text()}`);
  }
}
