// The installation under test: where it is, and what became of a lead in it.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";

export const base = required("NIGREDO_URL");
export const gate = process.env.NIGREDO_GATE === "1";

// The default of NIGREDO_RATE_LIMIT: leads that one address may send in an hour.
export const slots = 10;
// Requests of data subjects have a limit of their own, which is not set anywhere.
export const rightsSlots = 5;

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: these files are run by browser_test.go`);
  return value;
}

// An IPv6 network that no other test has: the limiter counts by /64.
export function address() {
  const part = () => randomBytes(2).toString("hex");
  return `2001:db8:${part()}:${part()}::1`;
}

// A source of visits that no other test has.
export function source() {
  return `s${randomBytes(8).toString("hex")}`;
}

export function person() {
  return `p${randomBytes(8).toString("hex")}@example.com`;
}

// The leads of an e-mail address, by the program's own command: what an operator sees.
export async function leads(email) {
  return (await nigredo("leads", "list", "--q", email)).leads;
}

// The data subject's request with a protocol.
export async function rightsRequest(protocol) {
  const { requests } = await nigredo("privacy", "list", "--limit", "100");
  const found = requests.find((request) => request.protocol === protocol);
  return found && nigredo("privacy", "get", found.id);
}

// Views and leads of a source, by variant.
export async function origins(source) {
  return (await nigredo("stats")).origins.filter((origin) => origin.source === source);
}

async function nigredo(...command) {
  const { stdout } = await promisify(execFile)(required("NIGREDO_BINARY"), [...command, "--json"]);
  return JSON.parse(stdout);
}
