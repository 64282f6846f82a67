// What a person does with the two forms, and what they answer.

import assert from "node:assert/strict";
import { languages } from "./pages.mjs";
import { leads, person, rightsSlots, slots } from "./site.mjs";

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

export const protocol = /^RQ-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$/;

// A request of a data subject that is accepted, and one that is refused everywhere.
// kind is ticked, see fill.
export function goodRequest() {
  return { email: person(), message: "Linha 1\nLinha 2 <b>\\" };
}
export const badRequest = { email: "ana@", reference: "NG-1", message: "b".repeat(1001) };
export const faultyRequest = ["kind", "email", "reference", "message"];

export async function fill(page, answers, ticked = ["consent-accepted"]) {
  for (const [id, text] of Object.entries(answers)) await page.locator(`#${id}`).fill(text);
  for (const id of ticked) await page.locator(`#${id}`).check();
}

export function answers(page) {
  return valuesOf(page, texts, boxes);
}

export async function valuesOf(page, texts, boxes) {
  const given = {};
  for (const id of texts) given[id] = await page.locator(`#${id}`).inputValue();
  for (const id of boxes) given[id] = await page.locator(`#${id}`).isChecked();
  return given;
}

export function submit(page) {
  return page.locator("#submit").click();
}

// The reference on the receipt, once that is shown.
export function receipt(page, lang) {
  return token(page, languages[lang].receipt, reference);
}

// The protocol on the receipt of a data subject's request.
export function rightsReceipt(page, lang) {
  return token(page, languages[lang].rightsReceipt, protocol);
}

async function token(page, path, shape) {
  const shown = (await page.locator("#received #reference").textContent()).trim();
  assert.equal(new URL(page.url()).pathname, path);
  assert.match(shown, shape);
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

// What stands at a field: its error, and how a screen reader learns of it. Radio
// buttons have one together.
export function fieldState(page, id) {
  return page.evaluate((id) => {
    const field = document.getElementById(id).closest("[data-group]") ?? document.getElementById(id);
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

// useUpRights does the same for requests of data subjects.
export async function useUpRights({ context }) {
  for (let n = 0; n < rightsSlots; n++) {
    const answer = await context.request.post("/api/rights-requests", { data: { kind: "access", email: person() } });
    assert.equal(answer.status(), 202, `request ${n + 1} of ${rightsSlots}: ${await answer.text()}`);
  }
}
