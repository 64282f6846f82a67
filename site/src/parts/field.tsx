import type { ComponentChildren, InputHTMLAttributes } from "preact";
import type { Fill } from "../fill.ts";

export interface FieldProps {
	fill: Fill;
	name: string;
	label: ComponentChildren;
	hint?: string | undefined;
	/** The word for an answer that may be left out. */
	optional?: string | undefined;
}

/** The id of a field: dots would need escaping in selectors. */
export function idOf(name: string): string {
	return name.replaceAll(".", "-");
}

function describedBy(id: string, hint: string | undefined): string {
	return `${hint ? `${id}-hint ` : ""}${id}-error`;
}

function Label({ id, label, optional }: { id: string; label: ComponentChildren; optional?: string | undefined }) {
	return (
		<label for={id}>
			{label}
			{optional && <span class="optional"> {optional}</span>}
		</label>
	);
}

function Hint({ id, hint }: { id: string; hint?: string | undefined }) {
	return hint ? (
		<p class="hint" id={`${id}-hint`}>
			{hint}
		</p>
	) : null;
}

/** Always there: what is empty is not shown, and a script has a place to write in. */
export function FieldError({ id, fill, name }: { id: string; fill: Fill; name: string }) {
	return (
		<p class="error" id={`${id}-error`}>
			{fill.error(name)}
		</p>
	);
}

/** What is said about an answer that may be a slip. */
interface Suggested {
	suggestion?: string;
}

/** Far over every rule, so that what is too long is told so, and under the size of a request. */
const roomy = 500;

export function TextField({
	fill,
	name,
	label,
	hint,
	optional,
	suggestion,
	...input
}: FieldProps & Suggested & InputHTMLAttributes<HTMLInputElement>) {
	const id = idOf(name);
	return (
		<div class="field">
			<Label id={id} label={label} optional={optional} />
			<Hint id={id} hint={hint} />
			<FieldError id={id} fill={fill} name={name} />
			<input
				id={id}
				name={name}
				maxLength={roomy}
				value={fill.value(name)}
				aria-describedby={describedBy(id, hint)}
				aria-invalid={fill.invalid(name)}
				{...input}
			/>
			{suggestion && <p class="hint suggestion" id={`${id}-suggestion`} role="status" data-says={suggestion} />}
		</div>
	);
}

/** An address that an answer goes to: a slip in its domain is pointed out. */
export function EmailField(p: Omit<FieldProps, "name"> & Required<Suggested>) {
	return <TextField {...p} name="email" type="email" autocomplete="email" inputMode="email" autocapitalize="none" spellcheck={false} />;
}

export function TextArea({ fill, name, label, hint, optional, rows, limit }: FieldProps & { rows: number; limit: number }) {
	const id = idOf(name);
	return (
		<div class="field">
			<Label id={id} label={label} optional={optional} />
			<Hint id={id} hint={hint} />
			<FieldError id={id} fill={fill} name={name} />
			{/* A browser drops the line break after the tag: one that was typed must come after it. */}
			<textarea
				id={id}
				name={name}
				rows={rows}
				data-limit={limit}
				maxLength={3 * limit /* as roomy */}
				aria-describedby={describedBy(id, hint)}
				aria-invalid={fill.invalid(name)}
				dangerouslySetInnerHTML={{ __html: `\n${fill.value(name)}` }}
			/>
			<p class="hint count" id={`${id}-count`} role="status" />
		</div>
	);
}

export function CheckBox({ fill, name, label, optional }: FieldProps) {
	const id = idOf(name);
	return (
		<div class="field">
			<FieldError id={id} fill={fill} name={name} />
			<div class="check">
				<input
					type="checkbox"
					id={id}
					autocomplete="off"
					name={name}
					value="on"
					aria-describedby={describedBy(id, undefined)}
					aria-invalid={fill.invalid(name)}
					{...fill.checked(name)}
				/>
				<Label id={id} label={label} optional={optional} />
			</div>
		</div>
	);
}

/**
 * One answer of several. The first button has the id of the group, so that the link of an
 * error leads to it.
 */
export function Choice({ fill, name, label, options }: FieldProps & { options: [value: string, label: string][] }) {
	const group = idOf(name);
	return (
		// biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: ARIA in HTML allows it, and only a radiogroup can be invalid.
		<fieldset class="choice" role="radiogroup" data-group={group} aria-describedby={`${group}-error`} aria-invalid={fill.invalid(name)}>
			<legend>{label}</legend>
			<FieldError id={group} fill={fill} name={name} />
			{options.map(([value, label], i) => {
				const id = i === 0 ? group : `${group}-${value}`;
				return (
					<div class="check" key={value}>
						<input type="radio" id={id} name={name} value={value} {...fill.checked(name, value)} />
						<Label id={id} label={label} />
					</div>
				);
			})}
		</fieldset>
	);
}
