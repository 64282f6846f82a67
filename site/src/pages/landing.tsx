import type { Consent } from "../consent.ts";
import type { Fill } from "../fill.ts";
import { type Locale, paths } from "../locale.ts";
import { CheckBox, EmailField, TextArea, TextField } from "../parts/field.tsx";
import { Form } from "../parts/form.tsx";
import { type Build, Frame } from "../parts/frame.tsx";
import { Sun } from "../parts/sun.tsx";
import { texts } from "../text/text.ts";

export interface LandingProps {
	build: Build;
	locale: Locale;
	variant: string;
	fill: Fill;
	consent: { reply: Consent; marketing: Consent };
}

const campaign = ["source", "utm.source", "utm.medium", "utm.campaign", "utm.term", "utm.content"];

export function Landing({ build, locale, variant, fill, consent }: LandingProps) {
	const t = texts[locale];
	const { landing, lead } = t;
	const hero = landing.heroes[variant];
	if (!hero) throw new Error(`no hero for the variant ${variant} in ${locale}`);
	const { name, email, phone, company, message } = lead.fields;
	return (
		<Frame
			build={build}
			locale={locale}
			place="landing"
			title={fill.titlePrefix + landing.title}
			description={landing.description}
			index
			script
			variant={variant}
		>
			<main id="main" class="landing">
				<div class="intro">
					<Sun />
					<p class="eyebrow">{landing.eyebrow}</p>
					<h1>{hero.heading}</h1>
					<p class="lead">{hero.lead}</p>
				</div>

				<Form
					fill={fill}
					text={lead}
					action="/api/leads"
					receipt={paths[locale].receipt}
					trap={lead.trap}
					shows={{ member: "reference", parameter: "ref" }}
					hidden={[
						{ name: "locale", value: locale },
						{ name: "variant", value: variant },
						{ name: "consent.textId", value: consent.reply.id },
						{ name: "consent.textVersion", value: consent.reply.version },
						{ name: "consent.textHash", value: consent.reply.hash },
						{ name: "consent.marketingTextHash", value: consent.marketing.hash },
						{ name: "checks.stamp", value: "" },
						...campaign.map((field) => ({ name: field, value: fill.value(field) })),
					]}
				>
					<TextField fill={fill} name="name" type="text" label={name.label} autocomplete="name" spellcheck={false} />
					<EmailField fill={fill} label={email.label} hint={email.hint} suggestion={lead.suggestion} />
					<TextField
						fill={fill}
						name="phone"
						type="tel"
						label={phone.label}
						hint={phone.hint}
						optional={lead.optional}
						autocomplete="tel"
						inputMode="tel"
					/>
					<TextField fill={fill} name="company" type="text" label={company.label} optional={lead.optional} autocomplete="organization" />
					<TextArea fill={fill} name="message" label={message.label} hint={message.hint} optional={lead.optional} rows={4} limit={1000} />
					<fieldset>
						<legend>{lead.consentLegend}</legend>
						<CheckBox fill={fill} name="consent.accepted" label={consent.reply.text} />
						<CheckBox fill={fill} name="consent.marketing" label={consent.marketing.text} optional={lead.optional} />
						<p class="more">
							<a href={paths[locale].notice}>{lead.consentMore}</a>
						</p>
					</fieldset>
				</Form>

				<ul class="proofs" aria-label={landing.proofsLabel}>
					{landing.proofs.map((p) => (
						<li key={p.title}>
							<strong>{p.title}</strong> {p.text}
						</li>
					))}
				</ul>

				<section class="story">
					<h2>{landing.storyHeading}</h2>
					<p>{landing.story}</p>
				</section>

				<section class="data">
					<h2>{landing.dataHeading}</h2>
					<p>{landing.data}</p>
					<p>
						<a href={paths[locale].notice}>{landing.dataLink}</a>
					</p>
				</section>

				<section class="steps">
					<h2>{landing.stepsHeading}</h2>
					<ol>
						{landing.steps.map((s) => (
							<li key={s.title}>
								<h3>{s.title}</h3>
								<p>{s.text}</p>
							</li>
						))}
					</ol>
				</section>
			</main>
		</Frame>
	);
}
