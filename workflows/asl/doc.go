// Package asl parses, validates and evaluates the Amazon States Language in its
// JSONata mode. It knows nothing of leads, of executions or of time: it turns a
// definition into a Machine, refuses whatever it does not implement, and
// evaluates the expressions a state holds.
//
// # Definitions
//
// Parse refuses with a *DefinitionError that lists every problem, with the code, the
// words and the place that AWS was measured to give where those are known. What AWS
// takes and this package does not is refused too: JSONPath, Distributed Map,
// Credentials. $eval is taken and fails when it is called, as in AWS.
//
// # Expressions
//
// The reference implementation decides: npm's jsonata 2.0.6, which is what AWS
// documents, runs unchanged inside goja, in a pool of virtual machines, within AWS's
// bounds of time (1 s), depth (100) and memory, with the functions that AWS adds
// ($partition, $range, $hash, $random with a seed, $uuid, $parse). It parses every
// expression. Shapes on an allow-list (paths from a variable, items by number,
// literals, comparison, concatenation, arithmetic, logic, conditionals, constructors,
// $exists, $not, $string, $count, $sum) are compiled from its syntax tree to Go
// functions, a thousand times faster and more. They are held equal to the reference by
// a generated comparison, and leave to it whatever they are not sure of: every value
// that has a meaning to it beyond being data, and every error.
// Machine.Expressions says which evaluator runs what.
//
// # Values
//
// A value is nil, bool, float64, string, []any or *Object. Numbers are ECMAScript's:
// an integer beyond 2^53 is rounded when it is read. Objects list array indices
// first, as ECMAScript's do. Nothing undefined is ever a value: an expression that
// returns nothing is an error, and nothing inside a constructor leaves the key out.
package asl
