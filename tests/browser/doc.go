// Package browser holds tests only: the pages in Debian's Chromium, as people see
// and use them, and as axe and Lighthouse judge them.
//
// The tests are node:test files beside this one, each of their tests a subtest
// here. What they stand on:
//
//   - The installation is one "nigredo up" with its rate limiter on. Each visitor has
//     an IPv6 network of its own (127.0.0.1 is a trusted proxy), see lib/visitor.mjs,
//     which also watches every page for what none may do: report an error, break its
//     policy, ask another origin, fetch a font, set a cookie.
//   - Packages of the npm registry are locked, in two folders, because Lighthouse
//     brings 114 of them. They are installed once, into the cache. The sources are
//     copied beside them for each run: Node finds packages from where a file stands.
//   - lib/pages.mjs lists the pages. Tests of the whole site walk it.
//
// Without Chromium or Node the tests fail where CI=true and are skipped elsewhere.
// With NIGREDO_GATE=1 axe sees every page and state in both themes and widths, times are
// held to their limits, every indexable page is measured five times, and the pages are
// compared with the pictures in baselines:
//
//	NIGREDO_GATE=1 go test ./tests/browser -run Visual -update
//
// writes those anew, and for people
//
//	go test ./tests/browser -run Screenshots -screenshots folder
//
// takes pictures of what is worth a look, and draws those that links are shown with.
package browser
