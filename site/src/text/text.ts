// What the site says: one object in each language, of one type, so that a sentence that
// is missing in one of them does not compile.

import type { Locale } from "../locale.ts";
import { en } from "./en.ts";
import { pt } from "./pt.ts";

export interface FieldText {
	label: string;
	hint?: string;
}

/** The first thing on the landing page; one for each variant. */
export interface Hero {
	heading: string;
	lead: string;
}

/** What the script of a form says. `{n}` stands for a number. */
export interface FormSays {
	titlePrefix: string;
	sending: string;
	offline: string;
	online: string;
	unavailable: string;
	limited: string;
	limitedOne: string;
	limitedMany: string;
	running: string;
	received: string;
	changed: string;
	unreadable: string;
	tooLarge: string;
	left: string;
	over: string;
	restored: string;
}

/** The words around the fields of a form. */
export interface FormText {
	heading: string;
	optional: string;
	submit: string;
	retry: string;
	summaryHeading: string;
	says: FormSays;
}

/** The nine rights of LGPD, art. 18, I to IX, in its order, by the API's names. */
export const rightsKinds = [
	"confirmation",
	"access",
	"correction",
	"anonymisation",
	"portability",
	"erasure",
	"sharing",
	"refusal",
	"revocation",
] as const;
export type RightsKind = (typeof rightsKinds)[number];

export interface ReceiptText {
	title: string;
	description: string;
	reference: string;
	copy: string;
	copied: string;
	nextHeading: string;
	next: string[];
	sentHeading: string;
	/** Labels of the fields that are shown again, by id. */
	sent: Record<string, string>;
	link: string;
	noHeading: string;
	no: string[];
	/** For who has no script where no server fills the page in. */
	inAddress: string;
}

export interface Text {
	site: string;
	skip: string;
	otherLanguage: string;
	footer: { notice: string; rights: string; form: string };
	footerLine: string;

	landing: {
		title: string;
		description: string;
		eyebrow: string;
		heroes: Record<string, Hero>;
		proofsLabel: string;
		proofs: { title: string; text: string }[];
		storyHeading: string;
		story: string;
		stepsHeading: string;
		steps: { title: string; text: string }[];
		dataHeading: string;
		data: string;
		dataLink: string;
	};
	lead: FormText & {
		/** `{address}` stands for an address. */
		suggestion: string;
		trap: string;
		fields: Record<"name" | "email" | "phone" | "company" | "message", FieldText>;
		consentLegend: string;
		consentMore: string;
	};
	receipt: ReceiptText;
	rights: Pick<FormText, "heading" | "submit"> & {
		title: string;
		description: string;
		intro: string[];
		/** The link to the notice. */
		more: string;
		kindLegend: string;
		kinds: Record<RightsKind, string>;
		fields: Record<"email" | "reference" | "message", FieldText>;
	};
	rightsReceived: ReceiptText;
	problem: {
		notFound: { heading: string; text: string };
		method: { heading: string; text: string };
		broken: { heading: string; text: string };
	};
}

export const texts: Record<Locale, Text> = { "pt-BR": pt, en };
