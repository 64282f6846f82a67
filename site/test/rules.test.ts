import { expect, test } from "vitest";
import { looksMended } from "../src/script/rules.ts";

// An error that goes too early is shown again by the server; one that stays on a good
// answer makes a person doubt it.
test.each<[string, string | boolean, boolean]>([
	["name", "Ana Souza", true],
	["name", " Jó ", true],
	["name", "李 明", true],
	["name", "D'Ávila", true],
	["name", "x".repeat(120), true],
	["name", "x".repeat(121), false],
	["name", "A", false],
	["name", "A1", false],
	["name", "   ", false],
	["name", "12 34", false],
	["email", "ana@example.com", true],
	["email", " ana@exemplo.com.br ", true],
	["email", "ana@münchen.example", true],
	["email", "ana@", false],
	["email", "ana@example", false],
	["email", "ana example.com", false],
	["email", "ana@ex ample.com", false],
	["email", "a@b@example.com", false],
	["email", "", false],
	["phone", "", true],
	["phone", "  ", true],
	["phone", "(11) 91234-5678", true],
	["phone", "+1 212 555 0123", true],
	["phone", "1234567", false],
	["phone", "eight 1234567 digits", false],
	["message", "", true],
	["message", "x".repeat(1000), true],
	["message", "🜁".repeat(1000), true],
	["message", "x".repeat(1001), false],
	["consent.accepted", true, true],
	["consent.accepted", false, false],
	["company", "", true],
	["reference", "anything", true],
])("%s %j: %s", (name, value, mended) => {
	expect(looksMended(name, value)).toBe(mended);
});
