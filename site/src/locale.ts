// The two languages of the site and where their pages are.

export const locales = ["pt-BR", "en"] as const;
export type Locale = (typeof locales)[number];

/** Pages that stand at an address of their own in each language. */
export type Place = "landing" | "receipt" | "notice" | "rights" | "rightsReceived";

export const paths: Record<Locale, Record<Place, string>> = {
	"pt-BR": {
		landing: "/",
		receipt: "/obrigado/",
		notice: "/privacidade/",
		rights: "/privacidade/solicitacao/",
		rightsReceived: "/privacidade/solicitacao/recebida/",
	},
	en: {
		landing: "/en/",
		receipt: "/en/thank-you/",
		notice: "/en/privacy/",
		rights: "/en/privacy/request/",
		rightsReceived: "/en/privacy/request/received/",
	},
};

/** What a search engine may list; the others are answers to a post. */
export const indexable: Place[] = ["landing", "notice", "rights"];

export function other(locale: Locale): Locale {
	return locale === "en" ? "pt-BR" : "en";
}
