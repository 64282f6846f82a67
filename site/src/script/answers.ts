// The answers of a form as the API takes them, and back.

type Field = HTMLInputElement | HTMLTextAreaElement;

/** A JSON object: a dot in a name is a level, empty answers are left out. */
export type Body = { [name: string]: string | boolean | Body };

export function fieldsOf(form: HTMLFormElement): Field[] {
	return [...form.elements].filter(
		(e): e is Field => "name" in e && e.name !== "" && !(e instanceof HTMLButtonElement) && !(e instanceof HTMLFieldSetElement),
	);
}

function isBox(field: Field): field is HTMLInputElement {
	return field.type === "checkbox" || field.type === "radio";
}

export function read(form: HTMLFormElement): Body {
	const body: Body = {};
	for (const field of fieldsOf(form)) {
		const value = field.type === "checkbox" ? isBox(field) && field.checked : field.value;
		if (value === "" || (field.type === "radio" && !(isBox(field) && field.checked))) continue;
		const path = field.name.split(".");
		const last = path.pop() ?? "";
		let object = body;
		for (const step of path) {
			object[step] ??= {};
			object = object[step] as Body;
		}
		object[last] = value;
	}
	return body;
}

/** What a person typed and chose, by id. */
export type Typed = Record<string, string | boolean>;

function isTyped(field: Field): boolean {
	return field.type !== "hidden" && !field.closest(".trap");
}

/** What is kept for a reload. A tick is not: it was given to the sentence that stood there. */
export function typed(form: HTMLFormElement): Typed {
	return taken(form, (field) => field.type !== "checkbox");
}

/** Everything a person answered, as one text. */
export function answers(form: HTMLFormElement): string {
	return JSON.stringify(taken(form, () => true));
}

function taken(form: HTMLFormElement, wanted: (field: Field) => boolean): Typed {
	const found: Typed = {};
	for (const field of fieldsOf(form).filter((f) => isTyped(f) && wanted(f))) {
		const value = isBox(field) ? field.checked : field.value;
		if (value) found[field.id] = value;
	}
	return found;
}

export function retype(form: HTMLFormElement, answers: Typed): void {
	for (const field of fieldsOf(form).filter((f) => isTyped(f) && f.type !== "checkbox")) {
		const value = answers[field.id];
		if (isBox(field)) field.checked = value === true;
		else field.value = typeof value === "string" ? value : "";
	}
}
