package task

import "encoding/json"

// Answer is an HTTP answer as lead_intake gives it: the gateway, local or AWS's,
// only unwraps it. Header names come out of AnswerHeaders.
type Answer struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

// AnswerHeaders is the closed list of headers an answer may carry: API Gateway's
// response template maps these and no others.
var answerHeaders = []string{
	"Content-Type", "Location", "Retry-After", "RateLimit", "RateLimit-Policy", "Idempotent-Replayed", "Cache-Control",
}

// Problem is an RFC 9457 problem document.
type Problem struct {
	Type   string       `json:"type"`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Detail string       `json:"detail,omitempty"`
	Errors []FieldError `json:"errors,omitempty"`
}

// FieldError names one field at fault: a JSON pointer into the body, a code for
// programs, a sentence for people. It never quotes the value.
type FieldError struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Answer wraps the problem as an answer with the given extra headers.
func (p Problem) Answer(headers map[string]string) Answer {
	body, err := json.Marshal(p)
	if err != nil { // a Problem holds strings and numbers only
		panic(err)
	}
	h := map[string]string{"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
	for k, v := range headers {
		h[k] = v
	}
	return Answer{StatusCode: p.Status, Headers: h, Body: string(body)}
}
