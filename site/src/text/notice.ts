// The privacy notice in both languages. It describes what the migrations and
// infra/api/openapi.yaml store and how long design and requirements keep it: a change
// there is a new version here.

import type { Locale } from "../locale.ts";
import { en } from "./notice.en.ts";
import { pt } from "./notice.pt.ts";

/** The day of each version, the newest first. What changed is `changes` of the texts. */
export const versions = ["2026-11-27"] as const;
export type Version = (typeof versions)[number];

/** What is stored, a row of the table each. */
export const records = [
	"request",
	"news",
	"consent",
	"origin",
	"address",
	"signals",
	"delivery",
	"ledger",
	"rights",
	"views",
	"tab",
] as const;
export type Stored = (typeof records)[number];

export interface Row {
	data: string;
	purpose: string;
	basis: string;
	shared: string;
	kept: string;
}

export interface Section {
	heading: string;
	text: string[];
}

export interface NoticeText {
	title: string;
	description: string;
	version: string;
	summaryHeading: string;
	summary: [string, string, string, string, string];
	contents: string;
	table: Section & { columns: Row; rows: Record<Stored, Row> };
	sharing: Section;
	abroad: Section;
	security: Section & { contact: string };
	cookies: Section;
	rights: Section & { link: string; after: string[] };
	contact: Section & { officer: string; noOfficer: string };
	sentences: Section & { id: string; version: string; locale: string; languages: Record<Locale, string> };
	versions: Section & { changes: Record<Version, string> };
}

export const notices: Record<Locale, NoticeText> = { "pt-BR": pt, en };
