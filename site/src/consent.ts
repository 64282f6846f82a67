// The sentences a person agrees to. Each version stays in consent.json for ever: a
// stored consent is proved by the sentence behind its version and hash (LGPD, art. 8,
// § 2). New words are a new entry at the end; a test holds the hashes of all.

import versions from "./consent.json";
import type { Locale } from "./locale.ts";

export type Purpose = "reply" | "marketing";
export const purposes: Purpose[] = ["reply", "marketing"];

export interface Consent {
	id: Purpose;
	version: string;
	locale: Locale;
	text: string;
	/** SHA-256 of the text in UTF-8, lower-case hex. */
	hash: string;
}

/** Every sentence of every version, the newest version last. */
export async function consents(): Promise<Consent[]> {
	const all: Consent[] = [];
	for (const { version, texts } of versions) {
		for (const [locale, sentences] of Object.entries(texts)) {
			for (const id of purposes) {
				const text = sentences[id];
				all.push({ id, version, locale: locale as Locale, text, hash: await sha256(text) });
			}
		}
	}
	return all;
}

/** The sentence of a purpose that the form shows today. */
export function current(all: Consent[], locale: Locale, id: Purpose): Consent {
	const found = all.findLast((c) => c.locale === locale && c.id === id);
	if (!found) throw new Error(`consent.json has no sentence ${id} in ${locale}`);
	return found;
}

async function sha256(text: string): Promise<string> {
	const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
	return [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, "0")).join("");
}
