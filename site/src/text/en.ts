import type { Text } from "./text.ts";

export const en: Text = {
	site: "Nigredo · alquimista.ai",
	skip: "Skip to the content",
	otherLanguage: "Português",
	footer: { notice: "Privacy notice", rights: "Your rights", form: "Contact alquimista.ai" },
	footerLine: "Nigredo is the front door of alquimista.ai.",

	landing: {
		title: "Nigredo: contact alquimista.ai",
		description: "Tell alquimista.ai what you want to transform. A short form, a reference at once, no cookies.",
		eyebrow: "Nigredo, the first stage",
		heroes: {
			a: {
				heading: "Every transformation begins with a conversation",
				lead: "Tell alquimista.ai what you want to change in your work. Our team reads your request and answers by email or by phone.",
			},
			b: {
				heading: "Bring us the problem in its raw state",
				lead: "It need not be polished. Describe things as they are: the team of alquimista.ai reads your request and answers by email or by phone.",
			},
		},
		proofsLabel: "What to expect",
		proofs: [
			{ title: "Only what is needed", text: "Your name, your email and your permission. The rest is optional." },
			{ title: "A reference at once", text: "As soon as your request is stored, you get a number." },
			{ title: "No cookies", text: "No trackers, and nothing of third parties on this page." },
		],
		storyHeading: "Why Nigredo",
		story:
			"In alchemy, nigredo is the blackening: the first stage of the work, in which matter returns to its essence before it becomes something else. We begin the same way. First we listen to what is there; only then do we speak of what it could become.",
		stepsHeading: "What happens after you send it",
		steps: [
			{ title: "Stored", text: "Your request is stored before anything is answered, and gets a reference that is shown on the screen." },
			{ title: "Passed on", text: "It goes to the system in which our team follows requests." },
			{ title: "Answered", text: "The answer reaches you by the email address or phone number you gave." },
		],
		dataHeading: "Your data stay yours",
		data: "We use what you write to answer your request. News goes only to people who tick the second box. You can see, correct or erase all of it whenever you like.",
		dataLink: "Read the privacy notice",
	},

	lead: {
		heading: "Your request",
		optional: "(optional)",
		submit: "Send request",
		retry: "Send again",
		summaryHeading: "There is a problem",
		suggestion: "Did you mean {address}? If the address is right, go on.",
		trap: "Leave this field empty",
		fields: {
			name: { label: "Full name" },
			email: { label: "Email address", hint: "So that we can send you the answer." },
			phone: { label: "Phone number", hint: "With the country code if it is not Brazilian. Only if you prefer a call." },
			company: { label: "Company" },
			message: { label: "What do you want to transform?", hint: "Up to 1000 characters." },
		},
		consentLegend: "Permissions",
		consentMore: "What we use the data for, and for how long",
		says: {
			titlePrefix: "Error: ",
			sending: "Sending…",
			offline:
				"The request could not be sent: no connection to the server. Your answers are still here; check your connection and send again.",
			online: "The connection is back. You can send again now.",
			unavailable: "The service could not take the request in just now. Your answers are still here; send again in a few seconds.",
			limited: "Many requests came from your network in the last hour. Your answers are still here; try again later.",
			limitedOne: "Many requests came from your network in the last hour. Your answers are still here; try again in 1 minute.",
			limitedMany: "Many requests came from your network in the last hour. Your answers are still here; try again in {n} minutes.",
			received: "Received. Reference:",
			running: "This same request is still being taken in. Send it again in a few seconds to see its reference.",
			changed:
				"An earlier version of this request was already received, and your answers changed after it. If you send again, this version goes as another request.",
			unreadable: "The request could not be read. Check your answers and send again.",
			tooLarge: "The text is too long to be received. Shorten the message and send again.",
			left: "Characters left: {n}",
			over: "Characters over the limit: {n}",
			restored: "We kept the answers that you had already written in this tab.",
		},
	},

	receipt: {
		title: "Request received",
		description: "The reference of your request to alquimista.ai.",
		reference: "Reference of your request",
		copy: "Copy the reference",
		copied: "Reference copied",
		nextHeading: "What happens next",
		next: [
			"Note the reference down or print this page: we find your request by it.",
			"Your request is stored and on its way to our team. The answer reaches you by the email address or phone number you gave.",
		],
		sentHeading: "What you sent",
		sent: { name: "Name", email: "Email", phone: "Phone" },
		link: "Correct it, erase it or withdraw your permission",
		noHeading: "No request on this page",
		no: [
			"This page shows a reference right after the form was sent, and the address you opened holds no valid one.",
			"If you have sent a request and noted its reference, it is still good: there is no need to send it again.",
		],
		inAddress: "The reference is in the address of this page, after “ref=”. Note it down: we find your request by it.",
	},

	rights: {
		title: "Request about your data",
		description:
			"Ask to see, correct, take along or erase your data, or withdraw your permission. Free of charge, answered within 15 days.",
		intro: [
			"Use one of your rights under the Brazilian data protection law (LGPD). It is free of charge and needs no document.",
			"If there are data with the email address you give, we answer to it within 15 days. Before that we may ask you to confirm who you are.",
		],
		more: "What we keep and why: privacy notice",
		heading: "Your request",
		submit: "Send request",
		kindLegend: "What do you want?",
		kinds: {
			confirmation: "Know whether there are data about me",
			access: "See the data that there are about me",
			correction: "Correct data that are wrong, incomplete or out of date",
			anonymisation: "Anonymise, block or erase data that are unnecessary or used unlawfully",
			portability: "Take the data to another service",
			erasure: "Erase the data that I allowed you to use",
			sharing: "Know who the data were shared with",
			refusal: "Know whether I may refuse permission, and what happens then",
			revocation: "Withdraw my permission",
		},
		fields: {
			email: { label: "Email address", hint: "The one you used in your request. The answer goes to it." },
			reference: { label: "Reference from your receipt", hint: "It begins with NG, like NG-7K3M-9Q29." },
			message: {
				label: "Anything else that we should know?",
				hint: "Up to 1000 characters. For example: what has to be corrected, or which permission to withdraw.",
			},
		},
	},

	rightsReceived: {
		title: "Request received",
		description: "The protocol of your data subject request.",
		reference: "Protocol of your request",
		copy: "Copy the protocol",
		copied: "Protocol copied",
		nextHeading: "What happens next",
		next: [
			"Note the protocol down or print this page.",
			"If there are data with the email address you gave, we answer to it within 15 days. Before that we may ask you to confirm who you are.",
		],
		sentHeading: "What you sent",
		sent: { email: "Email", reference: "Reference from your receipt" },
		link: "Read the privacy notice",
		noHeading: "No request on this page",
		no: [
			"This page shows a protocol right after the form was sent, and the address you opened holds no valid one.",
			"If you have sent a request and noted its protocol, it is still good: there is no need to send it again.",
		],
		inAddress: "The protocol is in the address of this page, after “protocol=”. Note it down.",
	},

	problem: {
		notFound: { heading: "Page not found", text: "Check the address you typed, or begin at the home page." },
		method: { heading: "Method not allowed", text: "This page can only be read." },
		broken: { heading: "Something went wrong", text: "This page could not be shown. Try again in a few seconds." },
	},
};
