package gateway

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// proxyRequest is the event of a Lambda proxy integration of a REST API, payload
// format 1.0. Single-valued maps hold the last value of a repeated name.
func (g *Gateway) proxyRequest(c *call) events.APIGatewayProxyRequest {
	r := c.request
	now := g.cfg.Now().UTC()
	header := c.header()
	header.Set("Host", r.Host)
	query, _ := url.ParseQuery(r.URL.RawQuery) // what cannot be read is left out, as API Gateway does
	event := events.APIGatewayProxyRequest{
		Resource:                        c.route.resource,
		Path:                            r.URL.Path,
		HTTPMethod:                      r.Method,
		Headers:                         lastOf(header),
		MultiValueHeaders:               header,
		QueryStringParameters:           lastOf(query),
		MultiValueQueryStringParameters: multi(query),
		PathParameters:                  c.pathParameters,
		Body:                            string(c.body),
		RequestContext: events.APIGatewayProxyRequestContext{
			RequestID:        c.id,
			ResourcePath:     c.route.resource,
			Path:             r.URL.Path,
			HTTPMethod:       r.Method,
			Protocol:         r.Proto,
			Stage:            "local",
			RequestTime:      now.Format("02/Jan/2006:15:04:05 -0700"),
			RequestTimeEpoch: now.UnixMilli(),
			Identity: events.APIGatewayRequestIdentity{
				SourceIP: c.sourceIP, UserAgent: last(header, "User-Agent"),
			},
		},
	}
	if c.claims != nil {
		claims := make(map[string]any, len(c.claims))
		for k, v := range c.claims {
			claims[k] = v
		}
		event.RequestContext.Authorizer = map[string]any{"claims": claims}
	}
	return event
}

func lastOf(values map[string][]string) map[string]string {
	if len(values) == 0 {
		return nil
	}
	out := make(map[string]string, len(values))
	for name, v := range values {
		out[name] = v[len(v)-1]
	}
	return out
}

func multi(values url.Values) map[string][]string {
	if len(values) == 0 {
		return nil
	}
	return values
}

// proxyAnswer is a Lambda proxy response as an answer. A response without a
// status code is malformed: 502, as in AWS.
func proxyAnswer(r events.APIGatewayProxyResponse) (Answer, error) {
	if r.StatusCode < 200 || r.StatusCode > 599 {
		return Answer{}, fmt.Errorf("malformed proxy response: status code %d", r.StatusCode)
	}
	body := r.Body
	if r.IsBase64Encoded {
		b, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return Answer{}, fmt.Errorf("malformed proxy response: body is not base64")
		}
		body = string(b)
	}
	headers := make(map[string]string, len(r.Headers))
	for name, values := range r.MultiValueHeaders {
		headers[http.CanonicalHeaderKey(name)] = strings.Join(values, ", ")
	}
	for name, value := range r.Headers {
		if _, set := headers[http.CanonicalHeaderKey(name)]; !set {
			headers[http.CanonicalHeaderKey(name)] = value
		}
	}
	if _, set := headers["Content-Type"]; !set {
		headers["Content-Type"] = "application/json"
	}
	return Answer{StatusCode: r.StatusCode, Headers: headers, Body: body}, nil
}

// cognitoTime is how the Cognito authorizer of a REST API writes exp, iat and
// auth_time into the claims.
func cognitoTime(seconds int64) string {
	return time.Unix(seconds, 0).UTC().Format("Mon Jan 02 15:04:05 UTC 2006")
}

// write sends the answer. A header value that could end a line is dropped.
func (a Answer) write(w http.ResponseWriter) {
	for name, value := range a.Headers {
		if strings.ContainsAny(value, "\r\n\x00") {
			continue
		}
		w.Header().Set(name, value)
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(a.StatusCode)
	_, _ = w.Write([]byte(a.Body)) // the caller may be gone: nothing is left to do
}
