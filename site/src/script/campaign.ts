// Where a visit came from: the campaign in the address, else the site that linked here.
// It is kept for the tab, since the language link and the privacy notice lead away from
// the address that had it.

import { recall, remember } from "./memory.ts";

/** By the names of the form's hidden fields. */
export type Campaign = Record<string, string>;

const fields = ["source", "utm.source", "utm.medium", "utm.campaign", "utm.term", "utm.content"];

// What the API takes (activities/validate/text.go): nobody could mend a hidden field.
const word = /^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/;
const refused = /[\p{C}\p{Zl}\p{Zp}\ufffd]|\p{M}{4,}/gu;
const longest = 200;

export function campaign(address: URL, referrer: string): Campaign {
	const found: Campaign = {};
	for (const field of fields) {
		const given = address.searchParams.get(field.replace(".", "_")) ?? "";
		const value = [...given.normalize().replace(refused, "")].slice(0, longest).join("");
		if (value && (field !== "source" || word.test(value))) found[field] = value;
	}
	const from = hostOf(referrer);
	if (!found.source && !found["utm.source"] && from && from !== address.hostname && word.test(from)) found.source = from;
	return found;
}

function hostOf(referrer: string): string | undefined {
	try {
		return new URL(referrer).hostname;
	} catch {
		return undefined;
	}
}

/** The campaign of this visit: of this page, else of an earlier one of the tab. */
export function visit(): Campaign {
	const here = campaign(new URL(location.href), document.referrer);
	if (Object.keys(here).length === 0) return recall<Campaign>("campaign") ?? here;
	remember("campaign", here);
	return here;
}
