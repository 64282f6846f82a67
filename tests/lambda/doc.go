// Package lambda runs the Lambda functions of this repository as AWS does: every function
// is built as it is deployed, for this machine, and runs as a process of its own under
// the Lambda Runtime API (version 2018-06-01), with nothing but its own configuration in
// its environment and as its own user of the database. In front of them stands the Invoke
// operation of the Lambda API, at which NIGREDO_LAMBDA_ENDPOINT of "nigredo up" may point.
//
// A function has as many processes as its reserved concurrency allows, started when all
// others are busy. A call beyond it is throttled. One that does not answer by its deadline
// is killed, one that ends is gone, and the caller is told so in Lambda's words.
package lambda
