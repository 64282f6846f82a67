import { prerender } from "../src/prerender.tsx";

/** The pages as the build makes them. */
const { files } = await prerender({
	origin: "https://example.com",
	css: "",
	script: "/script.js",
	day: new Date("2026-11-27"),
});

export function open(path: string): Document {
	const html = files[`${path}index.html`];
	if (html === undefined) throw new Error(`no page ${path}`);
	// happy-dom keeps the line break after the tag, which HTML drops.
	return new DOMParser().parseFromString(html.replace(/(<textarea[^>]*>)\n/, "$1"), "text/html");
}
