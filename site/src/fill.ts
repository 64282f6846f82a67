// What stands in the fields of a form when its page is sent. A page as a file has empty
// fields. The same page as a Go template has actions in their place, so that the server
// can show it again with the answers and the errors (html/template escapes what they
// print; see site/form.go for what they read).

import type { HTMLAttributes } from "preact";

export interface Fill {
	value(name: string): string;
	error(name: string): string;
	invalid(name: string): "true" | "false";
	/** An attribute that is there only under a condition. */
	checked(name: string, value?: string): { "data-go"?: string };
	summary: { "data-go"?: string } & HTMLAttributes<HTMLDivElement>;
	lines: string;
	titlePrefix: string;
}

export const blank: Fill = {
	value: () => "",
	error: () => "",
	invalid: () => "false",
	checked: () => ({}),
	summary: { hidden: true },
	lines: "",
	titlePrefix: "",
};

/** A name of a field as a name of the template: consent.accepted is .consent_accepted. */
function dot(name: string): string {
	return `.${name.replaceAll(".", "_")}`;
}

/** `data-go` is replaced by what it holds when the page becomes a template. */
function go(action: string): { "data-go": string } {
	return { "data-go": action };
}

export const template: Fill = {
	value: (name) => `{{${dot(name)}.Value}}`,
	error: (name) => `{{${dot(name)}.Error}}`,
	invalid: (name) => `{{${dot(name)}.Invalid}}` as "true",
	checked: (name, value) =>
		go(value === undefined ? `{{if ${dot(name)}.Ticked}}checked{{end}}` : `{{if eq ${dot(name)}.Value "${value}"}}checked{{end}}`),
	summary: go("{{if .Summary}}autofocus{{else}}hidden{{end}}"),
	lines: '{{range .Summary}}<li>{{if .Anchor}}<a href="{{.Anchor}}">{{.Message}}</a>{{else}}{{.Message}}{{end}}</li>{{end}}',
	titlePrefix: "{{.TitlePrefix}}",
};

/** Turns a rendered page with `template` in it into the text of a Go template. */
export function asTemplate(html: string): string {
	return html.replaceAll(/data-go="([^"]*)"/g, (_, action: string) => action.replaceAll("&quot;", '"'));
}
