import { expect, test } from "vitest";
import { meant } from "../src/script/typo.ts";

test.each([
	["ana@hotmial.com", "ana@hotmail.com"],
	["ana@gmial.com", "ana@gmail.com"],
	["ana@gmai.com", "ana@gmail.com"],
	["ana@gmaill.com", "ana@gmail.com"],
	["ana@gnail.com", "ana@gmail.com"],
	["ana@Outlok.com ", "ana@outlook.com"],
	["ana@yahoo.com.b", "ana@yahoo.com.br"],
	["a@b@yaho.com", "a@b@yahoo.com"],
])("%s: %s is meant", (typed, want) => {
	expect(meant(typed)).toBe(want);
});

test.each([
	"ana@gmail.com",
	"ana@GMAIL.com",
	"ana@mail.com",
	"ana@example.com",
	"ana@alquimista.ai",
	"gmial.com",
	"@gmial.com",
	"",
	"ana@",
])("%s is left alone", (typed) => {
	expect(meant(typed)).toBeUndefined();
});
