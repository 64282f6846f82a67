// Package sfn speaks the AWS Step Functions API, AWS JSON 1.0 over HTTP, on top
// of an execution engine: POST /, the operation in X-Amz-Target, a JSON object in
// and out. The AWS CLI and every SDK work on it with an endpoint URL.
//
// # What is checked where
//
// The handler checks each member by itself, as the API model constrains it: type,
// length, pattern, enumeration. The engine checks what a member means: ARNs, names,
// definitions, inputs, page tokens, what exists and what may happen. Members that
// an operation does not know are ignored, as AWS does; members it knows but cannot
// honour here (publish, X-Ray tracing, customer keys) are refused, never dropped.
// The destinations of logs are kept and described; the records go elsewhere.
//
// # Who may call
//
// A SigV4 Authorization header is accepted and not verified: the server listens on
// loopback, and whoever reaches it is already on the machine. What loopback does
// not keep out is a web page in a local browser, directly or by DNS rebinding.
// Therefore the Host must be a loopback address or localhost, with or without the
// prefix sync- that SDKs put before it for StartSyncExecution; a request that
// carries Origin or Sec-Fetch-Mode, as browsers send them, is refused; so is any
// content type but application/x-amz-json-1.0, which no HTML form can send.
//
// # Errors
//
// HTTP 400 with {"__type":"<namespace>#<Name>","message":"…"}, the form that SDKs
// and the CLI parse; the frontend's own refusals spell it "Message", and have none
// for what is no request of the protocol. A fault of ours is HTTP 500
// InternalFailure without a detail, the detail goes to the log under the request
// id. Names and texts follow the API model of 2016-11-23 and recordings of the
// service. An operation that the service has and this endpoint has not is an
// unknown one that says so.
//
// Timestamps are epoch seconds with milliseconds. The "__type" markers that the
// service puts into some nested answers are there.
package sfn
