// The installation under test: where it is, and what became of a lead in it.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";

export const base = required("NIGREDO_URL");
export const gate = process.env.NIGREDO_GATE === "1";

// The default of NIGREDO_RATE_LIMIT: leads that one address may send in an hour.
export const slots = 10;

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

export function person() {
  return `p${randomBytes(8).toString("hex")}@example.com`;
}

// The leads of an e-mail address, by the program's own command: what an operator sees.
export async function leads(email) {
  const { stdout } = await promisify(execFile)(required("NIGREDO_BINARY"), ["leads", "list", "--q", email, "--json"]);
  return JSON.parse(stdout).leads;
}
