import { type Locale, paths } from "../locale.ts";
import { type Build, Frame } from "../parts/frame.tsx";
import { Sun } from "../parts/sun.tsx";
import { texts } from "../text/text.ts";

/**
 * The receipt shows the reference of its address. `go` makes the template that a server
 * fills in; without it the page is a file that its script fills in, and a reader without
 * a script is told where the reference stands.
 */
export function Receipt({ build, locale, place, go }: { build: Build; locale: Locale; place: "receipt" | "rightsReceived"; go: boolean }) {
	const t = texts[locale][place];
	const [parameter, prefix] = place === "receipt" ? ["ref", "NG"] : ["protocol", "RQ"];
	const link = place === "receipt" ? paths[locale].rights : paths[locale].notice;
	const condition = (action: string) => (go ? { "data-go": action } : {});
	return (
		<Frame
			build={build}
			locale={locale}
			place={place}
			title={t.title}
			description={t.description}
			index={false}
			script
			query={go ? "{{.Query}}" : ""}
		>
			<main id="main" class="single lit">
				<Sun />
				<section
					id="received"
					data-parameter={parameter}
					data-prefix={prefix}
					class="receipt"
					hidden={!go}
					{...condition("{{if not .Reference}}hidden{{end}}")}
				>
					<h1 tabIndex={-1} autofocus={go}>
						{t.title}
					</h1>
					<p class="token">
						<span>{t.reference}</span>
						<strong id="reference">{go ? "{{.Reference}}" : ""}</strong>
						<button type="button" id="copy" class="plain" data-copied={t.copied} hidden>
							{t.copy}
						</button>
						<span id="copied" class="status" role="status" />
					</p>
					<div id="sent" hidden>
						<h2>{t.sentHeading}</h2>
						<dl>
							{Object.entries(t.sent).map(([name, label]) => (
								<div key={name} data-sent={name} hidden>
									<dt>{label}</dt>
									<dd />
								</div>
							))}
						</dl>
					</div>
					<h2>{t.nextHeading}</h2>
					{t.next.map((line) => (
						<p key={line}>{line}</p>
					))}
					<p>
						<a id="onward" href={link + (go && place === "receipt" ? "{{.RightsQuery}}" : "")}>
							{t.link}
						</a>
					</p>
				</section>
				<section id="nothing" {...condition("{{if .Reference}}hidden{{end}}")}>
					<h1>{t.noHeading}</h1>
					{!go && (
						<noscript>
							<p>{t.inAddress}</p>
						</noscript>
					)}
					{t.no.map((line) => (
						<p key={line}>{line}</p>
					))}
					<p>
						<a href={paths[locale].landing}>{texts[locale].footer.form}</a>
					</p>
				</section>
			</main>
		</Frame>
	);
}
