// Whether a field that was refused looks mended. The server alone decides what is taken:
// this only lets an error go that no longer fits.

export function looksMended(name: string, value: string | boolean): boolean {
	if (typeof value === "boolean") return value;
	const text = value.trim();
	switch (name) {
		case "name":
			return /\p{L}.*\p{L}/u.test(text) && [...text].length <= 120;
		case "email":
			return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
		case "phone":
			return text === "" || text.replace(/\D/g, "").length >= 8;
		case "message":
			return [...text].length <= 1000;
		default:
			return true;
	}
}
