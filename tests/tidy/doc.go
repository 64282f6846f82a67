// Package tidy holds the repository's rules as tests: what may stand at the top
// level, who may import whom, that every package says what it is for, that no file
// is a bucket, that a log field means one thing, that every known difference from AWS
// is dated and shown by a test, and that no secret got in. Each ban gives its reason.
package tidy
