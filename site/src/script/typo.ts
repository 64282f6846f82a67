// A slip in the domain of an address is pointed out, and never refused: it may be right.

const domains = [
	"gmail.com",
	"hotmail.com",
	"outlook.com",
	"yahoo.com",
	"yahoo.com.br",
	"icloud.com",
	"uol.com.br",
	"bol.com.br",
	"terra.com.br",
];

/** Near a usual one, and right. */
const others = ["mail.com", "ymail.com"];

/** The address that was probably meant, if its domain is one slip away from a usual one. */
export function meant(address: string): string | undefined {
	const at = address.lastIndexOf("@");
	const domain = address
		.slice(at + 1)
		.trim()
		.toLowerCase();
	if (at < 1 || domains.includes(domain) || others.includes(domain)) return undefined;
	const near = domains.find((d) => oneSlip(domain, d));
	return near && `${address.slice(0, at)}@${near}`;
}

/** One letter too many, missing, wrong, or two neighbours swapped. */
function oneSlip(a: string, b: string): boolean {
	if (a.length > b.length) return oneSlip(b, a);
	let i = 0;
	while (i < a.length && a[i] === b[i]) i++;
	const rest = a.slice(i + 1);
	if (a.length + 1 === b.length) return a.slice(i) === b.slice(i + 1);
	if (a.length !== b.length) return false;
	return rest === b.slice(i + 1) || (a[i] === b[i + 1] && a[i + 1] === b[i] && a.slice(i + 2) === b.slice(i + 2));
}

export function suggest(form: HTMLFormElement): void {
	const field = form.elements.namedItem("email");
	const place = document.getElementById("email-suggestion");
	if (!(field instanceof HTMLInputElement) || !place) return;
	field.addEventListener("change", () => {
		const address = meant(field.value);
		place.textContent = address ? (place.dataset.says ?? "").replace("{address}", address) : "";
	});
}
