// Package gateway serves the HTTP API on one machine as API Gateway serves it
// in AWS, from the same document.
//
// Routes, authorizer, scopes, size limits, timeouts and gateway responses are
// read from infra/api/openapi.yaml. POST /api/leads starts lead_intake under the
// contract of the two mapping templates: Intake builds the input that
// request.vtl builds, Unwrap makes the answer that response.vtl makes, and
// tests/contract holds one against the other. The other routes are Lambda proxy
// integrations: an APIGatewayProxyRequest goes in, an APIGatewayProxyResponse
// comes out.
//
// What the gateway itself refuses, it refuses with the document's gateway
// response: an unknown path or method 404, a missing or bad token 401, a token
// without the scope 403, a body over the limit 413, another content type 415, an
// integration that fails 502 or takes longer than its timeout 504.
//
// No Access-Control header is sent: site and API are one origin.
//
// Known differences from API Gateway: a body that is not UTF-8 is refused with
// 400 here (API Gateway would replace the bytes it cannot read); the address is
// the socket's or a trusted proxy's word, and CloudFront-Viewer-Address is
// dropped, since no CloudFront stands in front (address.go); throttling is left
// to the limit on connections.
//
// Limits of the listener (NewServer, Limit): 5 s for the headers, 16 KB of
// them, 1024 connections.
package gateway
