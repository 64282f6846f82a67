import type { ComponentChildren } from "preact";
import { type Locale, other, type Place, paths } from "../locale.ts";
import { texts } from "../text/text.ts";

/** What the build knows and every page needs. */
export interface Build {
	origin: string;
	css: string;
	/** Path of the script. */
	script: string;
}

export interface FrameProps {
	build: Build;
	locale: Locale;
	place: Place | undefined;
	title: string;
	description: string;
	index: boolean;
	script: boolean;
	variant?: string;
	/** What is added to the link to the same page in the other language. */
	query?: string;
	children: ComponentChildren;
}

/** Not in Preact's types. */
const low = { fetchpriority: "low" };

export function Frame(p: FrameProps) {
	const t = texts[p.locale];
	const here = p.place && paths[p.locale][p.place];
	const there = paths[other(p.locale)][p.place ?? "landing"];
	const image = `${p.build.origin}/og-${p.locale}.png`;
	return (
		<html lang={p.locale} data-variant={p.variant}>
			<head>
				<meta charset="utf-8" />
				<title>{p.title}</title>
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				{p.script && <script type="module" src={p.build.script} {...low} />}
				<style dangerouslySetInnerHTML={{ __html: p.build.css }} />
				<meta name="description" content={p.description} />
				{!p.index && <meta name="robots" content="noindex" />}
				<meta name="color-scheme" content="dark light" />
				<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0d0b0a" />
				<meta name="theme-color" media="(prefers-color-scheme: light)" content="#f6f1e8" />
				<link rel="icon" type="image/svg+xml" href="/favicon.svg" />
				{p.index && here && <Addresses origin={p.build.origin} place={p.place ?? "landing"} locale={p.locale} />}
				{p.index && here && (
					<>
						<meta property="og:type" content="website" />
						<meta property="og:site_name" content={t.site} />
						<meta property="og:title" content={p.title} />
						<meta property="og:description" content={p.description} />
						<meta property="og:url" content={p.build.origin + here} />
						<meta property="og:locale" content={p.locale === "en" ? "en_US" : "pt_BR"} />
						<meta property="og:image" content={image} />
						<meta property="og:image:width" content="1200" />
						<meta property="og:image:height" content="630" />
						<meta property="og:image:alt" content={t.site} />
						<meta name="twitter:card" content="summary_large_image" />
					</>
				)}
			</head>
			<body>
				<a class="skip" href="#main">
					{t.skip}
				</a>
				<header class="bar">
					<a class="brand" href={paths[p.locale].landing} aria-label={t.site}>
						<Mark />
						<span>Nigredo</span>
					</a>
					<a id="language" href={there + (p.query ?? "")} hreflang={other(p.locale)} lang={other(p.locale)}>
						{t.otherLanguage}
					</a>
				</header>
				{p.children}
				<footer class="bar foot">
					<p>{t.footerLine}</p>
					<ul>
						<li>
							<a href={paths[p.locale].notice}>{t.footer.notice}</a>
						</li>
						<li>
							<a href={paths[p.locale].rights}>{t.footer.rights}</a>
						</li>
						<li>
							<a href={`${paths[p.locale].landing}#form-heading`}>{t.footer.form}</a>
						</li>
					</ul>
				</footer>
			</body>
		</html>
	);
}

function Addresses({ origin, place, locale }: { origin: string; place: Place; locale: Locale }) {
	return (
		<>
			<link rel="canonical" href={origin + paths[locale][place]} />
			<link rel="alternate" hreflang="pt-BR" href={origin + paths["pt-BR"][place]} />
			<link rel="alternate" hreflang="en" href={origin + paths.en[place]} />
			<link rel="alternate" hreflang="x-default" href={origin + paths["pt-BR"][place]} />
		</>
	);
}

/** The sign of Nigredo: a sun that is covered, its rim alight. */
export function Mark() {
	return (
		<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
			<circle class="rays" cx="16" cy="16" r="13" />
			<circle class="rim" cx="16" cy="16" r="8.5" />
		</svg>
	);
}
