// Package tidy holds the repository's rules as tests: what may stand at the top
// level, who may import whom, that every package says what it is for, and that
// nothing of a developer's machine got in. Each ban gives its reason.
package tidy
