// Every page of the site as text. build.mjs runs this and writes what it gives.

import type { VNode } from "preact";
import { renderToStaticMarkup } from "preact-render-to-string";
import { consents, current } from "./consent.ts";
import { securityContact } from "./controller.ts";
import { asTemplate, blank, template } from "./fill.ts";
import { indexable, type Locale, locales, paths } from "./locale.ts";
import { Landing } from "./pages/landing.tsx";
import { Notice } from "./pages/notice.tsx";
import { Problem } from "./pages/problem.tsx";
import { Receipt } from "./pages/receipt.tsx";
import { Rights } from "./pages/rights.tsx";
import type { Build } from "./parts/frame.tsx";
import { type Text, texts } from "./text/text.ts";
import experiment from "./variants.json";

export interface Output {
	/** Files as they are served, by path. */
	files: Record<string, string>;
	/** Go templates by name. */
	templates: Record<string, string>;
	/** What the server has to know: see site/built.go. */
	manifest: object;
}

/** What the server says about a form as a whole, by language. */
function refusals(locale: Locale) {
	const { says } = texts[locale].lead;
	return {
		titlePrefix: says.titlePrefix,
		limited: says.limited,
		limitedOne: says.limitedOne,
		limitedMany: says.limitedMany,
		running: says.running,
		changed: says.changed,
		unavailable: says.unavailable,
		unreadable: says.unreadable,
		tooLarge: says.tooLarge,
	};
}

export async function prerender(build: Build & { day: Date }): Promise<Output> {
	const files: Record<string, string> = {};
	const templates: Record<string, string> = {};
	const known = await consents();
	const page = (path: string, vnode: VNode) => {
		files[path.endsWith("/") ? `${path}index.html` : path] = html(vnode);
	};

	for (const locale of locales) {
		const at = paths[locale];
		const consent = { reply: current(known, locale, "reply"), marketing: current(known, locale, "marketing") };
		for (const { name } of experiment.variants) {
			const landing = { build, locale, variant: name, consent };
			page(`${at.landing}${name}.html`, <Landing {...landing} fill={blank} />);
			templates[`lead.${locale}.${name}`] = asTemplate(html(<Landing {...landing} fill={template} />));
		}
		page(at.notice, <Notice build={build} locale={locale} consents={known} />);
		page(at.rights, <Rights build={build} locale={locale} fill={blank} />);
		templates[`rights.${locale}`] = asTemplate(html(<Rights build={build} locale={locale} fill={template} />));
		for (const place of ["receipt", "rightsReceived"] as const) {
			page(at[place], <Receipt build={build} locale={locale} place={place} go={false} />);
			templates[`${place}.${locale}`] = asTemplate(html(<Receipt build={build} locale={locale} place={place} go={true} />));
		}
		for (const [kind, status] of Object.entries(statuses)) {
			page(`${at.landing}${status}.html`, <Problem build={build} locale={locale} kind={kind as keyof Text["problem"]} />);
		}
	}
	files["/robots.txt"] = `User-agent: *\nDisallow: /api/\nDisallow: /console/\n\nSitemap: ${build.origin}/sitemap.xml\n`;
	files["/.well-known/security.txt"] = security(build.origin, build.day);
	files["/sitemap.xml"] = sitemap(build.origin);

	return {
		files,
		templates,
		manifest: {
			...experiment,
			paths,
			consents: known.map(({ id, version, locale, hash }) => ({ id, version, locale, hash })),
			refusals: Object.fromEntries(locales.map((l) => [l, refusals(l)])),
			built: build.day.toISOString().slice(0, 10),
		},
	};
}

const statuses: Record<keyof Text["problem"], number> = { notFound: 404, method: 405, broken: 500 };

function html(vnode: VNode): string {
	return `<!doctype html>${renderToStaticMarkup(vnode)}\n`;
}

/** RFC 9116 wants a date less than a year ahead: each build sets it anew. */
function security(origin: string, day: Date): string {
	const expires = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 11, 1));
	return `Contact: mailto:${securityContact}\nExpires: ${expires.toISOString()}\nPreferred-Languages: pt, en\nCanonical: ${origin}/.well-known/security.txt\n`;
}

function sitemap(origin: string): string {
	const links = (place: (typeof indexable)[number]) =>
		[...locales.map((l) => [l, l] as const), ["x-default", "pt-BR"] as const]
			.map(([lang, l]) => `<xhtml:link rel="alternate" hreflang="${lang}" href="${origin}${paths[l][place]}"/>`)
			.join("");
	const urls = indexable.flatMap((place) => locales.map((l) => `<url><loc>${origin}${paths[l][place]}</loc>${links(place)}</url>`));
	return `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n${urls.join("\n")}\n</urlset>\n`;
}
