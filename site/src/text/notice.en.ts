import type { NoticeText } from "./notice.ts";

export const en: NoticeText = {
	title: "Privacy notice",
	description: "Which data alquimista.ai keeps, what for, whom it shares them with and for how long. Your rights and how to use them.",
	version: "Version of",
	summaryHeading: "In short",
	summary: [
		"We use what you write in the form to answer your request, and only with your permission.",
		"News by email goes only to people who tick the second box.",
		"The request goes on to Fibonacci, the system in which our team follows requests.",
		"We use no cookies and no trackers, and the pages load nothing of third parties.",
		"You can see, correct, take along or erase your data, free of charge, answered within 15 days.",
	],
	contents: "On this page",
	table: {
		heading: "What we keep",
		text: ["The articles are those of the Brazilian data protection law (LGPD, Law 13.709/2018)."],
		columns: { data: "Data", purpose: "What for", basis: "Legal basis", shared: "Shared with", kept: "Kept for" },
		rows: {
			request: {
				data: "Name, email, phone, company, message, language and reference of the request",
				purpose: "To answer your request",
				basis: "Consent (art. 7, I)",
				shared: "Fibonacci",
				kept: "Until you ask us to erase it, or 24 months after the last contact",
			},
			news: {
				data: "The second box of the form, ticked or not",
				purpose: "To send news by email, if you ticked it",
				basis: "Consent (art. 7, I)",
				shared: "Fibonacci",
				kept: "Until you withdraw the permission; otherwise like the request",
			},
			consent: {
				data: "Record of the permission: what you ticked, which sentence (id, version and hash), language, date, time and channel",
				purpose: "To prove what you permitted",
				basis: "Legal obligation (art. 7, II; art. 8, § 2)",
				shared: "Fibonacci gets the id and version of the sentence",
				kept: "Like the request",
			},
			origin: {
				data: "Where you came from: the site or the campaign of the link, and the variant of the page",
				purpose: "To know which channels bring requests",
				basis: "Legitimate interest (art. 7, IX)",
				shared: "Fibonacci gets the site and the campaign",
				kept: "Like the request",
			},
			address: {
				data: "IP address; as hashes, the kind of browser and the key of the submission",
				purpose: "To limit abuse and not to store the same request twice",
				basis: "Legitimate interest (art. 7, IX)",
				shared: "Nobody",
				kept: "IP: 24 hours for the limit, 30 days with the request. The hashes: like the request",
			},
			signals: {
				data: "Signs of automatic sending: time to fill in, a field that only robots fill in, and what was written",
				purpose: "To set spam apart for a person to review. Nothing is erased because of it",
				basis: "Legitimate interest (art. 7, IX)",
				shared: "Nobody",
				kept: "Like the request",
			},
			delivery: {
				data: "Attempts to deliver to Fibonacci: time, result and an excerpt of its answer",
				purpose: "To know whether the request arrived, and to send it again if not",
				basis: "Legitimate interest (art. 7, IX)",
				shared: "Nobody",
				kept: "Like the request; the excerpt, 30 days",
			},
			ledger: {
				data: "What happened to the request, when, and who of the team looked at it; nothing of what you wrote",
				purpose: "To account for what we did",
				basis: "Legal obligation (art. 7, II; art. 37)",
				shared: "Nobody",
				kept: "No end: once the request is erased, nothing in it leads to you",
			},
			rights: {
				data: "Requests about data: the right, email, reference, message, language, dates and outcome",
				purpose: "To answer in time",
				basis: "Legal obligation (art. 7, II; arts. 18 and 19)",
				shared: "Nobody",
				kept: "As long as we have to prove that we answered",
			},
			views: {
				data: "How many visits each page had by day, origin and variant",
				purpose: "To compare pages and campaigns",
				basis: "No personal data: sums alone, without IP and without identifier",
				shared: "Nobody",
				kept: "No end",
			},
			tab: {
				data: "In your browser tab: what was not sent yet, the campaign and, of the receipt, the reference and masked name, email and phone",
				purpose: "Not to lose what you wrote, and to show the receipt",
				basis: "It stays on your device (sessionStorage)",
				shared: "Nobody",
				kept: "What was not sent, until it is; the rest until you close the tab",
			},
		},
	},
	sharing: {
		heading: "Whom we share with",
		text: [
			"The request is sent to Fibonacci, the system in which our team follows requests. What is sent is signed, and each attempt is recorded. When we erase your data, we tell Fibonacci to do the same (art. 18, § 6).",
			"Amazon Web Services (AWS) hosts the service. It processes the data on our behalf, as processor.",
			"Nigredo sends your data to nobody else.",
		],
	},
	abroad: {
		heading: "Outside Brazil",
		text: [
			"The AWS region that the service runs in is chosen when it is installed. The default is us-east-1, in the United States: keeping your data there is an international transfer (arts. 33 to 36). The other region provided for is sa-east-1, in São Paulo.",
		],
	},
	security: {
		heading: "Security",
		text: [
			"The connection to the service is encrypted (TLS 1.2 or newer), and so is the database.",
			"Only people of the team with permission see the data, and each look at a request is recorded.",
			"Technical logs have no personal data and are kept for 30 days; execution histories, which hold ids alone, for 90. Backups are kept for 7 days.",
			"If an incident may cause relevant risk or harm, we tell you and the Brazilian data protection authority (ANPD), as art. 48 demands.",
		],
		contact: "Have you found a flaw? Write to",
	},
	cookies: {
		heading: "Cookies and visits",
		text: [
			"There are no cookies. Visits are counted by page and day, without knowing whose they are. Anyone who asks not to be tracked (Do Not Track or Global Privacy Control) is not counted.",
			"The home page has variants. Yours is computed from the IP address and the kind of browser at the time of the visit, and that computation is not kept.",
		],
	},
	rights: {
		heading: "Your rights",
		text: ["The LGPD (art. 18) gives you nine rights. In the words of the form:"],
		link: "Make a request",
		after: [
			"It is free of charge. We answer within 15 days (art. 19), and may ask you before that to confirm who you are. You can also complain to the ANPD.",
			"Without the first permission we cannot take the request in; the second is up to you. Withdrawing a permission takes effect from then on: it does not undo what was done with it.",
		],
	},
	contact: {
		heading: "Who answers for the data",
		text: ["Who decides about the data (controller):"],
		officer: "Data protection officer (encarregado, art. 41):",
		noOfficer: "To reach the data protection officer (encarregado, art. 41), use the request form.",
	},
	sentences: {
		heading: "The sentences of permission",
		text: [
			"Each permission is stored with the id, version and SHA-256 of the sentence that the page showed. The SHA-256 is that of the sentence in UTF-8, without quotation marks. With it, anybody can check which sentence was agreed to. These are all the sentences, of all versions:",
		],
		id: "Id",
		version: "Version",
		locale: "Language",
		languages: { "pt-BR": "Portuguese", en: "English" },
	},
	versions: {
		heading: "Versions of this notice",
		text: ["The newest is at the top."],
		changes: { "2026-11-27": "first version." },
	},
};
