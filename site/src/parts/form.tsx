import type { ComponentChildren } from "preact";
import type { Fill } from "../fill.ts";
import type { FormText } from "../text/text.ts";

export interface FormProps {
	fill: Fill;
	text: FormText;
	action: string;
	/** Path of the page that shows what was received. */
	receipt: string;
	/** Member of the answer that the receipt shows, and parameter of its address. */
	shows: { member: string; parameter: string };
	hidden: { name: string; value: string }[];
	/** A field that only a machine fills in, under the name checks.trap. */
	trap?: string;
	children: ComponentChildren;
}

/**
 * A form that works without a script: an error summary above it, the fields, the button. With a script, `data-*` tells it what to say and
 * where to go.
 */
export function Form(p: FormProps) {
	return (
		<section class="card" aria-labelledby="form-heading">
			<div class="summary" id="summary" tabIndex={-1} {...p.fill.summary}>
				<div role="alert">
					<h2 id="summary-heading">{p.text.summaryHeading}</h2>
					<ul id="summary-list" dangerouslySetInnerHTML={{ __html: p.fill.lines }} />
				</div>
				<button type="submit" form="form" id="retry" class="plain" hidden>
					{p.text.retry}
				</button>
			</div>
			<h2 id="form-heading">{p.text.heading}</h2>
			<form
				id="form"
				method="post"
				action={p.action}
				noValidate
				aria-labelledby="form-heading"
				data-receipt={p.receipt}
				data-member={p.shows.member}
				data-parameter={p.shows.parameter}
				data-says={JSON.stringify(p.text.says)}
			>
				{p.children}
				{p.trap && (
					<div class="trap" aria-hidden="true">
						<label for="checks-trap">{p.trap}</label>
						<input type="text" id="checks-trap" name="checks.trap" tabIndex={-1} autocomplete="off" />
					</div>
				)}
				{p.hidden.map(({ name, value }) => (
					<input type="hidden" name={name} value={value} key={name} />
				))}
				<button type="submit" id="submit">
					{p.text.submit}
				</button>
				<p class="status" id="status" role="status" />
			</form>
		</section>
	);
}
