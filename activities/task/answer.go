package task

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/aws/aws-lambda-go/events"
)

// Answer is an HTTP answer as lead_intake gives it: the gateway, local or AWS's,
// only unwraps it. Header names come out of AnswerHeaders.
type Answer struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

// AnswerHeaders is the closed list of headers that an answer may carry: API
// Gateway's response template maps these and no others.
func AnswerHeaders() []string {
	return []string{
		"Content-Type", "Location", "Retry-After", "RateLimit", "RateLimit-Policy", "Idempotent-Replayed", "Cache-Control",
	}
}

// JSON answers with v as application/json, never stored by a cache. Extra
// headers win over these two.
func JSON(status int, v any, extra map[string]string) Answer {
	return encode(status, "application/json", v, extra)
}

// Page answers with an HTML page, never stored by a cache.
func Page(status int, html string, extra map[string]string) Answer {
	return Answer{StatusCode: status, Headers: headers("text/html; charset=utf-8", extra), Body: html}
}

// SeeOther sends a browser on by GET, the answer to a form post that was taken.
func SeeOther(location string, extra map[string]string) Answer {
	h := headers("text/plain; charset=utf-8", extra)
	h["Location"] = location
	return Answer{StatusCode: http.StatusSeeOther, Headers: h, Body: ""}
}

// proxy is the answer in the shape of a Lambda proxy integration.
func (a Answer) proxy() events.APIGatewayProxyResponse {
	return events.APIGatewayProxyResponse{StatusCode: a.StatusCode, Headers: a.Headers, Body: a.Body}
}

// NoContent answers that a thing was done and that there is nothing to say.
func NoContent() Answer {
	return Answer{StatusCode: http.StatusNoContent, Headers: map[string]string{"Cache-Control": "no-store"}}
}

// Problem is an RFC 9457 problem document.
type Problem struct {
	Type   string       `json:"type"`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Detail string       `json:"detail,omitempty"`
	Errors []FieldError `json:"errors,omitempty"`
	// ViolatedPolicies names the quotas that an answer 429 is about
	// (draft-ietf-httpapi-ratelimit-headers, problem type quota-exceeded).
	ViolatedPolicies []string `json:"violated-policies,omitempty"`
}

// FieldError names one field at fault: a JSON pointer into the body, a code for
// programs, a sentence for people. It never quotes the value.
type FieldError struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// NewProblem is a problem of the generic type: its title is the status text.
func NewProblem(status int, detail string) Problem {
	return Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// Answer wraps the problem as an answer with the given extra headers.
func (p Problem) Answer(extra map[string]string) Answer {
	return encode(p.Status, "application/problem+json", p, extra)
}

// encode panics when v has no JSON form: a defect that its first test shows.
func encode(status int, contentType string, v any, extra map[string]string) Answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic("answer: a body without a JSON form")
	}
	return Answer{StatusCode: status, Headers: headers(contentType, extra), Body: string(body)}
}

// headers panics on a name that the gateway's template would drop silently.
func headers(contentType string, extra map[string]string) map[string]string {
	h := map[string]string{"Content-Type": contentType, "Cache-Control": "no-store"}
	allowed := AnswerHeaders()
	for name, value := range extra {
		if !slices.Contains(allowed, name) {
			panic("answer: header " + name + " is not mapped by the gateway")
		}
		h[name] = value
	}
	return h
}
