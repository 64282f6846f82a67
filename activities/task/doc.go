// Package task is the contract between a state machine and one activity: how an
// event comes in, how a result, an answer or an error goes out, and how every
// activity logs and counts. The same Handler runs on AWS Lambda (Main) and in
// process under the embedded engine.
//
// What leaves an activity is chosen so that no personal data can leave by
// accident. A Handler reports an error by name and constant text (adapt), logs
// the same text and never the error itself, and logs a panic without its value:
// a database error quotes the row it stumbled over, a decoder the input.
package task
