import type { Fill } from "../fill.ts";
import { type Locale, paths } from "../locale.ts";
import { Choice, EmailField, TextArea, TextField } from "../parts/field.tsx";
import { Form } from "../parts/form.tsx";
import { type Build, Frame } from "../parts/frame.tsx";
import { rightsKinds, texts } from "../text/text.ts";

/** The request of a data subject. Whoever asks has to prove nothing here, and learns nothing. */
export function Rights({ build, locale, fill }: { build: Build; locale: Locale; fill: Fill }) {
	const { rights, lead } = texts[locale];
	const { email, reference, message } = rights.fields;
	return (
		<Frame
			build={build}
			locale={locale}
			place="rights"
			title={fill.titlePrefix + rights.title}
			description={rights.description}
			index
			script
		>
			<main id="main" class="single prose">
				<h1>{rights.title}</h1>
				{rights.intro.map((line) => (
					<p key={line}>{line}</p>
				))}
				<p>
					<a href={paths[locale].notice}>{rights.more}</a>
				</p>
				<Form
					fill={fill}
					text={{ ...lead, ...rights }}
					action="/api/rights-requests"
					receipt={paths[locale].rightsReceived}
					shows={{ member: "protocol", parameter: "protocol" }}
					hidden={[{ name: "locale", value: locale }]}
				>
					<Choice fill={fill} name="kind" label={rights.kindLegend} options={rightsKinds.map((kind) => [kind, rights.kinds[kind]])} />
					<EmailField fill={fill} label={email.label} hint={email.hint} suggestion={lead.suggestion} />
					<TextField
						fill={fill}
						name="reference"
						type="text"
						label={reference.label}
						hint={reference.hint}
						optional={lead.optional}
						autocomplete="off"
						autocapitalize="characters"
						spellcheck={false}
					/>
					<TextArea fill={fill} name="message" label={message.label} hint={message.hint} optional={lead.optional} rows={4} limit={1000} />
				</Form>
			</main>
		</Frame>
	);
}
