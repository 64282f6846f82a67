import { type Locale, paths } from "../locale.ts";
import { type Build, Frame } from "../parts/frame.tsx";
import { Sun } from "../parts/sun.tsx";
import { type Text, texts } from "../text/text.ts";

/** The page for what went wrong. */
export function Problem({ build, locale, kind }: { build: Build; locale: Locale; kind: keyof Text["problem"] }) {
	const t = texts[locale];
	const { heading, text } = t.problem[kind];
	return (
		<Frame build={build} locale={locale} place={undefined} title={heading} description={text} index={false} script={false}>
			<main id="main" class="single lit">
				<Sun />
				<h1 tabIndex={-1} autofocus>
					{heading}
				</h1>
				<p>{text}</p>
				<p>
					<a href={paths[locale].landing}>{t.footer.form}</a>
				</p>
			</main>
		</Frame>
	);
}
