// Package task is the contract between a state machine and one activity: how an
// event comes in, how a result, an answer or an error goes out, and how every
// activity logs and counts. The same Handler runs on AWS Lambda (Main) and in
// process under the embedded engine.
package task
