// Package conformance holds the engine against rules of AWS Step Functions, event by
// event. Every case is a file, testdata/<group>/<case>.json, and runs twice: in
// process, where the API's handler is called as a function, and through the AWS SDK
// over HTTP. Both run in the fake time of testing/synctest, on a store in memory.
//
// # Where the expectations come from
//
// Every case names its rule and the source of it: the Developer Guide, the API
// Reference, the States Language specification, or a recording of the service that
// others published. What a case expects is written by hand from that rule. Nothing
// here records what our engine does, and -update, which rewrites the golden files of
// other packages, is refused. A case that turns red is a question to the sources.
//
// # A case
//
//	rule      the rule and its source
//	machine   the definition of the machine "main"; as text when it is no JSON
//	type      STANDARD (default) or EXPRESS
//	logging   {"level", "includeExecutionData"} of an Express machine (default ALL, true)
//	machines  further machines, by name: {"definition", "type", "logging"}
//	input     of the execution "x" of main, default {}
//	tasks     what the functions answer, by the name of the state that calls them
//	jitter    what is drawn for each pause with full jitter, one after the other
//	steps     what is done, default: start "x"
//	want      what comes of it
//
// A task answers one attempt after the other: {"result"}, {"error", "cause"} (the
// function fails, errorType and errorMessage), {"raw"} (it fails with this text),
// {"fault", "cause"} (the call fails), or {"hang": true}. {"delay": "2s"} comes
// before the answer, {"times": n} repeats it, {"when": payload} keeps it for calls
// with that payload. Every answer must be used, and no call may be without one.
//
// A step is a call of the API: {"call", "with", "answer"} or {"call", "with",
// "refused": {"type", "message"}}; "with" and "answer" are the members of the AWS API
// Reference, and what identifies "x", its machine or its input need not be written. A
// message that no source gives is left out of "refused". Instead of "with", "body" is the
// text of a request that no SDK would send. Before a step, time passes until "x" has
// closed, and then for "after"; or, with "at", until that time since the beginning.
// "tasks" are the answers from then on. In an answer, the text ${keep:name} takes any
// text, and ${kept:name} is that text in a later step.
//
// want holds status, output, error and cause, and the whole history; "describe" puts
// other members into the expected description, null for none. Of other executions it
// holds the same in "executions", by ARN; in "events" what machines put on the event bus.
// {"refused": …} alone says that main is not created. want may be left out where the
// answers of the steps say all.
//
// # A history
//
// One entry an event: ["<id> <previous id> [+<ms>] <type> [<subject>]", {details}].
// The time, in milliseconds since the beginning, is written where it changes. The
// subject is the state of an entered or exited event, the service and action of a
// Task event ("lambda:invoke"), the state and index of an iteration ("M[0]"), the
// state of EvaluationFailed. In the details input, output, parameters and
// the assigned variables are written as JSON; on the wire each is a text, and it must
// be the same JSON without blanks, its members in the same order. So is a cause that is
// written as JSON; one written as a text is that text.
//
// Implied, and checked nevertheless: roleArn of ExecutionStarted, region of
// TaskScheduled, and {"truncated": false} beside every input, output and
// assignedVariables. Any other member that is missing or not expected is an error.
//
// # What is checked without being written
//
// DescribeExecution, or the answer of StartSyncExecution, in every member; the calls of
// functions against the scheduled events; the status changes on the bus against the
// history; that no execution exists which the case does not know; that the SDK reads
// every member that the server writes; and the "__type" of every event, the one member
// that SDKs drop.
//
// # Shorthands
//
// ${machine:m}, ${execution:m:x}, ${function:f} and ${role:r} are ARNs, ${id} is any id
// that the engine makes, ${date} any HTTP date, ${trace} any trace header. {"$fill": n}
// is a text of n letters x, {"$invoked": payload} the result of a lambda:invoke,
// {"$started": {"arn", "at"}} that of a states:startExecution.
//
// The first event stands at 2000-01-01T00:00:00.12Z.
package conformance
