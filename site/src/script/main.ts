// The script of every page: a page has what it has, and each part finds its own.

import { countView } from "./beacon.ts";
import { visit } from "./campaign.ts";
import { countDown, enhance } from "./form.ts";
import { remember } from "./memory.ts";
import { masked, receipt } from "./receipt.ts";
import { suggest } from "./typo.ts";

const campaign = visit();
const variant = document.documentElement.dataset.variant;
const form = document.querySelector<HTMLFormElement>("#form");

if (form) {
	for (const [name, value] of Object.entries(campaign)) {
		const field = form.elements.namedItem(name);
		if (field instanceof HTMLInputElement && !field.value) field.value = value;
	}
	enhance(form, (taken) => remember("receipt", masked(taken)));
	countDown(form);
	// After the draft is back, and over it: whoever comes from a receipt means that request.
	const reference = form.elements.namedItem("reference");
	const asked = new URLSearchParams(location.search).get("reference");
	if (reference instanceof HTMLInputElement && asked) reference.value = asked.slice(0, 40);
	suggest(form);
}
receipt();
if ("prerendering" in document && document.prerendering) {
	document.addEventListener("prerenderingchange", () => countView(campaign, variant), { once: true });
} else {
	countView(campaign, variant);
}
