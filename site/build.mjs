// Builds the site into dist/: `node build.mjs`. dist/public has the files as they are
// served, each compressible one beside its .br and .gz; dist/templates the pages that a
// server fills in; dist/site.json what a server must know to serve them (headers,
// variants, consents, words). NIGREDO_SITE_ORIGIN is the address that links to other
// places name.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build } from "vite";

const compressible = new Set([".html", ".js", ".svg", ".txt", ".xml"]);
const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");
const origin = process.env.NIGREDO_SITE_ORIGIN || "https://nigredo.alquimista.ai";
if (!/^https?:\/\/[^/\s"<>]+$/.test(origin)) {
	console.error(`NIGREDO_SITE_ORIGIN is ${JSON.stringify(origin)}: give scheme and host alone, such as https://example.com`);
	process.exit(1);
}

const started = performance.now();
const [script, css, prerender] = await Promise.all([client(), styles(), server()]);
const { files, templates, manifest } = await prerender({ origin, css, script: script.path, day: new Date() });

const written = new Map(Object.entries(files));
written.set(script.path, script.code);
for (const name of await readdir(join(root, "src/static"), { recursive: true, withFileTypes: true })) {
	if (!name.isFile()) continue;
	const from = join(name.parentPath, name.name);
	written.set(from.slice(join(root, "src/static").length), await readFile(from));
}
await clean();
for (const [path, content] of written) await write(join(dist, "public", path), content);
for (const [name, content] of Object.entries(templates)) await write(join(dist, "templates", `${name}.html`), content);
const sizes = await Promise.all([...written].filter(([path]) => compressible.has(extname(path))).map(compress));
// Last: make takes it for the whole.
await write(join(dist, "site.json"), JSON.stringify({ headers: headers(), ...manifest }, undefined, "\t"));
report(sizes);

/** Leaves dist/ itself and its placeholder, which keeps go:embed valid in a fresh clone. */
async function clean() {
	await mkdir(dist, { recursive: true });
	for (const name of await readdir(dist)) {
		if (name !== ".gitkeep") await rm(join(dist, name), { recursive: true });
	}
}

/** The one script of the pages, under a name with the hash of its content. */
async function client() {
	const output = await bundle({ rolldownOptions: { input: join(root, "src/script/main.ts") }, target: "es2022", modulePreload: false });
	const code = output[0].code;
	return { code, path: `/assets/site.${hash(code, "hex").slice(0, 16)}.js` };
}

/** The one stylesheet, minified: every page has it in a style element, allowed by its hash. */
async function styles() {
	const output = await bundle({
		rolldownOptions: { input: join(root, "src/styles/site.css") },
		cssMinify: "lightningcss",
		cssTarget: ["chrome123", "firefox120", "safari17.5"],
	});
	return output.find((o) => o.fileName.endsWith(".css")).source.trim();
}

/** The pages as a function, run here. */
async function server() {
	const folder = join(tmpdir(), `nigredo-site-${process.pid}`);
	await build({
		root,
		configFile: false,
		logLevel: "warn",
		ssr: { noExternal: true },
		build: { ssr: join(root, "src/prerender.tsx"), outDir: folder, emptyOutDir: true, copyPublicDir: false },
	});
	try {
		return (await import(pathToFileURL(join(folder, "prerender.js")))).prerender;
	} finally {
		await rm(folder, { recursive: true });
	}
}

async function bundle(options) {
	const built = await build({ root, configFile: false, logLevel: "warn", build: { write: false, copyPublicDir: false, ...options } });
	return built.output;
}

/** The headers of every page, for each server of them: Go here, CloudFront in AWS. */
function headers() {
	const policy = [
		"default-src 'none'",
		"script-src 'self'",
		`style-src 'sha256-${hash(css, "base64")}'`,
		"img-src 'self'",
		"connect-src 'self'",
		"form-action 'self'",
		"base-uri 'none'",
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
		"trusted-types 'none'",
	];
	return {
		"Content-Security-Policy": policy.join("; "),
		"X-Content-Type-Options": "nosniff",
		"X-Frame-Options": "DENY",
		"Referrer-Policy": "strict-origin-when-cross-origin",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
	};
}

function hash(content, encoding) {
	return createHash("sha256").update(content).digest(encoding);
}

async function write(path, content) {
	await mkdir(dirname(path), { recursive: true });
	await writeFile(path, content);
}

async function compress([path, content]) {
	const file = join(dist, "public", path);
	const [br, gz] = await Promise.all([
		promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
		promisify(gzip)(content, { level: 9 }),
	]);
	await Promise.all([write(`${file}.br`, br), write(`${file}.gz`, gz)]);
	return { path, plain: Buffer.byteLength(content), br: br.length };
}

function report(sizes) {
	for (const { path, plain, br } of sizes.sort((a, b) => a.path.localeCompare(b.path))) {
		if (/\.(html|js)$/.test(path)) console.log(`  ${path.padEnd(48)} ${String(plain).padStart(6)} B  ${String(br).padStart(5)} B br`);
	}
	console.log(`site/dist built in ${((performance.now() - started) / 1000).toFixed(1)} s for ${origin}`);
}
