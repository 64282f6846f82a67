package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// route is one operation of the document.
type route struct {
	method   string
	resource string   // the path as written, "/api/leads/{id}"
	segments []string // of resource
	scopes   []string // empty: public

	machine      string   // placeholder of a StartSyncExecution integration
	function     string   // placeholder of a Lambda proxy integration
	contentTypes []string // that have a request template; nil: any
	maxBody      int64
	timeout      time.Duration
}

type routes struct {
	all       []*route
	responses map[responseType]response
}

// integration is x-amazon-apigateway-integration, as far as it is served here.
type integration struct {
	Type             string            `json:"type"`
	URI              string            `json:"uri"`
	TimeoutInMillis  int64             `json:"timeoutInMillis"`
	RequestTemplates map[string]string `json:"requestTemplates"`
}

// defaultMaxBody is for operations that name no limit: a body has no use there.
const defaultMaxBody = 16 << 10

func readDocument(document []byte) (*routes, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	if err := doc.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("validate document: %w", err)
	}
	responses, err := readResponses(doc.Extensions)
	if err != nil {
		return nil, err
	}
	rs := &routes{responses: responses}
	for _, path := range doc.Paths.InMatchingOrder() {
		for method, op := range doc.Paths.Value(path).Operations() {
			r, err := readOperation(doc, method, path, op)
			if err != nil {
				return nil, fmt.Errorf("read operation %s %s: %w", method, path, err)
			}
			rs.all = append(rs.all, r)
		}
	}
	return rs, nil
}

func readOperation(doc *openapi3.T, method, path string, op *openapi3.Operation) (*route, error) {
	r := &route{method: method, resource: path, segments: strings.Split(path, "/"), maxBody: defaultMaxBody}
	var in integration
	if err := extension(op.Extensions, "x-amazon-apigateway-integration", &in); err != nil {
		return nil, err
	}
	if in.TimeoutInMillis < 50 || in.TimeoutInMillis > 29_000 {
		return nil, fmt.Errorf("timeoutInMillis %d is not in 50 to 29000", in.TimeoutInMillis)
	}
	r.timeout = time.Duration(in.TimeoutInMillis) * time.Millisecond
	switch in.Type {
	case "aws":
		if !strings.HasSuffix(in.URI, ":states:action/StartSyncExecution") {
			return nil, fmt.Errorf("uri %s is not of StartSyncExecution", in.URI)
		}
		var machine string
		if err := extension(op.Extensions, "x-nigredo-state-machine", &machine); err != nil {
			return nil, err
		}
		r.machine = strings.TrimSuffix(strings.TrimPrefix(machine, "${"), "}")
		for t := range in.RequestTemplates {
			r.contentTypes = append(r.contentTypes, t)
		}
		slices.Sort(r.contentTypes)
	case "aws_proxy":
		m := functionURI.FindStringSubmatch(in.URI)
		if m == nil {
			return nil, fmt.Errorf("uri %s names no function", in.URI)
		}
		r.function = m[1]
	default:
		return nil, fmt.Errorf("integration type %q is not served", in.Type)
	}
	if _, ok := op.Extensions["x-nigredo-max-body-bytes"]; ok {
		if err := extension(op.Extensions, "x-nigredo-max-body-bytes", &r.maxBody); err != nil {
			return nil, err
		}
	}
	var err error
	r.scopes, err = readScopes(doc, op)
	return r, err
}

var functionURI = regexp.MustCompile(`:lambda:path/2015-03-31/functions/\$\{(\w+)\}/invocations$`)

// readScopes returns the scopes of which a token needs any one. An operation
// must say that it is public (security: []): silence is refused.
func readScopes(doc *openapi3.T, op *openapi3.Operation) ([]string, error) {
	if op.Security == nil {
		return nil, errors.New("no security member: a public operation says security: []")
	}
	var scopes []string
	for _, requirement := range *op.Security {
		for name, required := range requirement {
			scheme := doc.Components.SecuritySchemes[name]
			if scheme == nil {
				return nil, fmt.Errorf("security scheme %s is not defined", name)
			}
			var authtype string
			if err := extension(scheme.Value.Extensions, "x-amazon-apigateway-authtype", &authtype); err != nil {
				return nil, err
			}
			if authtype != "cognito_user_pools" {
				return nil, fmt.Errorf("authtype %q is not served", authtype)
			}
			if len(required) == 0 {
				return nil, errors.New("no scopes: the authorizer would take ID tokens only")
			}
			scopes = append(scopes, required...)
		}
	}
	return scopes, nil
}

// extension decodes one x- member into v.
func extension(members map[string]any, name string, v any) error {
	raw, ok := members[name]
	if !ok {
		return fmt.Errorf("%s is missing", name)
	}
	b, err := json.Marshal(raw)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// find returns the route of a request and its path parameters, decoded, or nil.
// A path with an empty segment, a trailing slash among them, has no route.
func (rs *routes) find(method, escapedPath string) (*route, map[string]string) {
	segments := strings.Split(escapedPath, "/")
	for _, r := range rs.all {
		if r.method != method || len(r.segments) != len(segments) {
			continue
		}
		if params, ok := r.match(segments); ok {
			return r, params
		}
	}
	return nil, nil
}

func (r *route) match(segments []string) (map[string]string, bool) {
	var params map[string]string
	for i, want := range r.segments {
		name, isParam := strings.CutPrefix(want, "{")
		if !isParam {
			if segments[i] != want {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(segments[i])
		if err != nil || value == "" {
			return nil, false
		}
		if params == nil {
			params = map[string]string{}
		}
		params[strings.TrimSuffix(name, "}")] = value
	}
	return params, true
}

// statusOf reads a statusCode, which API Gateway writes as a string.
func statusOf(s string) (int, error) {
	code, err := strconv.Atoi(s)
	if err != nil || code < 100 || code > 599 {
		return 0, fmt.Errorf("status code %q", s)
	}
	return code, nil
}
