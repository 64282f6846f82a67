import type { ComponentChildren } from "preact";
import type { Consent } from "../consent.ts";
import { controller, officer, securityContact } from "../controller.ts";
import { type Locale, paths } from "../locale.ts";
import { type Build, Frame } from "../parts/frame.tsx";
import { type NoticeText, notices, type Row, records, type Section, versions } from "../text/notice.ts";
import { rightsKinds, texts } from "../text/text.ts";

const sections = ["table", "sharing", "abroad", "security", "cookies", "rights", "contact", "sentences", "versions"] as const;

/** The privacy notice: what is stored, and every sentence that anybody agreed to. */
export function Notice({ build, locale, consents }: { build: Build; locale: Locale; consents: Consent[] }) {
	const t = notices[locale];
	const toForm = (
		<p>
			<a href={paths[locale].rights}>{t.rights.link}</a>
		</p>
	);
	return (
		<Frame build={build} locale={locale} place="notice" title={`${t.title} · ${controller}`} description={t.description} index script>
			<main id="main" class="single prose">
				<h1>{t.title}</h1>
				<p class="hint">
					{t.version} <Day locale={locale} day={versions[0]} />
				</p>
				<section aria-labelledby="brief">
					<h2 id="brief">{t.summaryHeading}</h2>
					<ol>
						{t.summary.map((line) => (
							<li key={line}>{line}</li>
						))}
					</ol>
				</section>
				<nav aria-labelledby="contents">
					<h2 id="contents">{t.contents}</h2>
					<ul>
						{sections.map((name) => (
							<li key={name}>
								<a href={`#${name}`}>{t[name].heading}</a>
							</li>
						))}
					</ul>
				</nav>
				<Part id="table" text={t.table}>
					<Facts text={t.table} />
				</Part>
				<Part id="sharing" text={t.sharing} />
				<Part id="abroad" text={t.abroad} />
				<Part id="security" text={t.security}>
					<p>
						{t.security.contact} <Mail to={securityContact} />.
					</p>
				</Part>
				<Part id="cookies" text={t.cookies} />
				<Part id="rights" text={t.rights}>
					<ol class="roman">
						{rightsKinds.map((kind) => (
							<li key={kind}>{texts[locale].rights.kinds[kind]}</li>
						))}
					</ol>
					{toForm}
					{t.rights.after.map((line) => (
						<p key={line}>{line}</p>
					))}
				</Part>
				<Part id="contact" text={{ ...t.contact, text: [`${t.contact.text} ${controller}.`] }}>
					{officer ? (
						<p>
							{t.contact.officer} {officer.name}, <Mail to={officer.email} />.
						</p>
					) : (
						<>
							<p>{t.contact.noOfficer}</p>
							{toForm}
						</>
					)}
				</Part>
				<Part id="sentences" text={t.sentences}>
					{consents.map((c) => (
						<Sentence key={c.hash} consent={c} text={t.sentences} />
					))}
				</Part>
				<Part id="versions" text={t.versions}>
					<ul>
						{versions.map((day) => (
							<li key={day}>
								<Day locale={locale} day={day} />: {t.versions.changes[day]}
							</li>
						))}
					</ul>
				</Part>
			</main>
		</Frame>
	);
}

function Part({ id, text, children }: { id: string; text: Section; children?: ComponentChildren }) {
	return (
		<section aria-labelledby={id}>
			<h2 id={id}>{text.heading}</h2>
			{text.text.map((line) => (
				<p key={line}>{line}</p>
			))}
			{children}
		</section>
	);
}

/** Where there is no room for columns, each row stands alone and has the labels from data-label. */
function Facts({ text: { heading, columns, rows } }: { text: NoticeText["table"] }) {
	const answers = ["purpose", "basis", "shared", "kept"] satisfies (keyof Row)[];
	return (
		<table aria-label={heading}>
			<thead>
				<tr>
					{Object.values(columns).map((label) => (
						<th key={label} scope="col">
							{label}
						</th>
					))}
				</tr>
			</thead>
			<tbody>
				{records.map((name) => (
					<tr key={name}>
						<th scope="row">{rows[name].data}</th>
						{answers.map((answer) => (
							<td key={answer} data-label={columns[answer]}>
								{rows[name][answer]}
							</td>
						))}
					</tr>
				))}
			</tbody>
		</table>
	);
}

function Sentence({ consent: c, text }: { consent: Consent; text: NoticeText["sentences"] }) {
	const facts = { [text.id]: c.id, [text.version]: c.version, [text.locale]: `${text.languages[c.locale]} (${c.locale})` };
	return (
		<figure>
			<blockquote lang={c.locale}>{c.text}</blockquote>
			<dl>
				{Object.entries(facts).map(([label, value]) => (
					<div key={label}>
						<dt>{label}</dt>
						<dd>{value}</dd>
					</div>
				))}
				<div>
					<dt>SHA-256</dt>
					<dd>
						<code>{c.hash}</code>
					</dd>
				</div>
			</dl>
		</figure>
	);
}

function Mail({ to }: { to: string }) {
	return <a href={`mailto:${to}`}>{to}</a>;
}

function Day({ locale, day }: { locale: Locale; day: string }) {
	return <time datetime={day}>{new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(new Date(day))}</time>;
}
