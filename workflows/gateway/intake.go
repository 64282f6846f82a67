package gateway

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Execution is what StartSyncExecution says of an execution that ran.
type Execution struct {
	Status string // SUCCEEDED, FAILED or TIMED_OUT
	Output string // set when SUCCEEDED
}

// StartError is a refusal of the Step Functions API: the error's name without
// its namespace ("ThrottlingException") and its message.
type StartError struct {
	Type    string
	Message string
}

func (e *StartError) Error() string { return e.Type + ": " + e.Message }

// Request is what the request template sees of an HTTP request.
type Request struct {
	Header    http.Header
	Body      string
	SourceIP  string // $context.identity.sourceIp
	RequestID string // $context.requestId
}

// Intake is the input of lead_intake: seven keys, all strings.
type Intake struct {
	Body           string `json:"body"`
	ContentType    string `json:"contentType"`
	SourceIP       string `json:"sourceIp"`
	UserAgent      string `json:"userAgent"`
	RequestID      string `json:"requestId"`
	IdempotencyKey string `json:"idempotencyKey"`
	Origin         string `json:"origin"`
}

// NewIntake builds the input as request.vtl does: a missing Content-Type is
// application/json, CloudFront-Viewer-Address counts more than the source
// address, and of a repeated header the last value counts.
func NewIntake(r Request) Intake {
	in := Intake{
		Body: r.Body, ContentType: "application/json", SourceIP: r.SourceIP, RequestID: r.RequestID,
		UserAgent: last(r.Header, "User-Agent"), IdempotencyKey: last(r.Header, "Idempotency-Key"), Origin: last(r.Header, "Origin"),
	}
	if _, ok := r.Header["Content-Type"]; ok {
		in.ContentType = last(r.Header, "Content-Type")
	}
	viewer := last(r.Header, "Cloudfront-Viewer-Address")
	if colon := strings.LastIndexByte(viewer, ':'); colon > 0 {
		in.SourceIP = strings.NewReplacer("[", "", "]", "").Replace(viewer[:colon])
	}
	return in
}

// JSON returns the input as Step Functions gets it.
func (in Intake) JSON() []byte {
	b, err := json.Marshal(in)
	if err != nil { // strings only
		panic(err)
	}
	return b
}

func last(h http.Header, name string) string {
	values := h.Values(name)
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// Answer is an HTTP answer.
type Answer struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

// answerHeaders is the closed list of headers that an execution may set.
func answerHeaders() []string {
	return []string{
		"Content-Type", "Cache-Control", "Location", "Retry-After",
		"RateLimit", "RateLimit-Policy", "Idempotent-Replayed",
	}
}

// Unwrap makes the HTTP answer of an execution as response.vtl does. Only the
// output of a SUCCEEDED execution reaches the caller, and of its headers only
// those of the closed list; anything else is a fixed problem document.
func Unwrap(e Execution) Answer {
	switch e.Status {
	case "SUCCEEDED":
		var out Answer
		if err := json.Unmarshal([]byte(e.Output), &out); err != nil || out.StatusCode < 200 || out.StatusCode > 599 {
			return badGateway()
		}
		headers := map[string]string{}
		for _, name := range answerHeaders() {
			if v := out.Headers[name]; v != "" {
				headers[name] = v
			}
		}
		return Answer{StatusCode: out.StatusCode, Headers: headers, Body: out.Body}
	case "TIMED_OUT":
		return problem(http.StatusGatewayTimeout, `{"type":"about:blank","title":"Gateway Timeout","status":504,"detail":"The request took too long. Send it again with the same Idempotency-Key to learn what became of it."}`)
	default:
		return badGateway()
	}
}

// UnwrapError makes the HTTP answer of a StartSyncExecution that the API
// refused, as response.vtl does.
func UnwrapError(e *StartError) Answer {
	switch {
	case strings.Contains(e.Type, "Throttl"), strings.Contains(e.Type, "TooManyRequests"):
		a := problem(http.StatusServiceUnavailable, `{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The request could not be taken in just now. Send it again in a few seconds."}`)
		a.Headers["Retry-After"] = "5"
		return a
	case strings.Contains(e.Type, "ValidationException") && strings.Contains(e.Message, "less than or equal to 262144"):
		return problem(http.StatusRequestEntityTooLarge, `{"type":"about:blank","title":"Content Too Large","status":413,"detail":"The request body is larger than 16 KiB."}`)
	default:
		return badGateway()
	}
}

func badGateway() Answer {
	return problem(http.StatusBadGateway, `{"type":"about:blank","title":"Bad Gateway","status":502,"detail":"The request could not be processed. Send it again in a moment."}`)
}

func problem(status int, body string) Answer {
	return Answer{StatusCode: status, Body: body, Headers: map[string]string{
		"Content-Type": "application/problem+json", "Cache-Control": "no-store",
	}}
}
