// Package proof holds what the synthesised templates must say: one Item for each
// line of the requirements that infrastructure answers, with the property that
// answers it and mutations, each of which must make its check fail. It reads
// templates as JSON and knows nothing of CDK, so that a check cannot agree with
// the code that wrote the template by sharing it.
//
// Items lists them; `make items` prints them. An id that nothing binds yet stands
// in Unbound with the reason.
package proof
