package stack

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/alquimista-ai/nigredo/infra/api"
)

// operation is one of the API's document, as far as the stack needs it.
type operation struct {
	method, path string
	function     string // placeholder of a Lambda integration; empty: Step Functions
	public       bool
	maxBody      int // bytes; 0: none said
}

var (
	placeholder = regexp.MustCompile(`\$\{(\w+)\}`)
	functionURI = regexp.MustCompile(`:lambda:path/2015-03-31/functions/\$\{(\w+)\}/invocations$`)
)

// document reads infra/api/openapi.yaml as plain JSON values.
func document() (map[string]any, error) {
	doc, err := openapi3.NewLoader().LoadFromData(api.Document())
	if err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	raw, err := doc.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	var tree map[string]any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	return tree, nil
}

// operations lists those of a document, by path and method.
func operations(tree map[string]any) []operation {
	var all []operation
	paths, _ := tree["paths"].(map[string]any)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := paths[path].(map[string]any)
		for _, method := range slices.Sorted(maps.Keys(item)) {
			op, _ := item[method].(map[string]any)
			integration, _ := op["x-amazon-apigateway-integration"].(map[string]any)
			one := operation{method: strings.ToUpper(method), path: path}
			uri, _ := integration["uri"].(string)
			if m := functionURI.FindStringSubmatch(uri); m != nil {
				one.function = m[1]
			}
			security, _ := op["security"].([]any)
			one.public = len(security) == 0
			limit, _ := op["x-nigredo-max-body-bytes"].(float64)
			one.maxBody = int(limit)
			all = append(all, one)
		}
	}
	return all
}

// body gives the document as API Gateway gets it: each placeholder replaced, both
// templates in their places, and without the members that are for us. It replaces in
// the strings of the parsed document, so that nothing has to be escaped. origin is the
// one other origin that pages may call from; empty: none.
func body(tree map[string]any, values map[string]*string, origin string) (map[string]any, error) {
	var missing []string
	var resolve func(v any) any
	text := func(s string) string {
		return placeholder.ReplaceAllStringFunc(s, func(found string) string {
			value, ok := values[found[2:len(found)-1]]
			if !ok {
				missing = append(missing, found)
				return found
			}
			return *value
		})
	}
	resolve = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			out := make(map[string]any, len(v))
			for key, value := range v {
				if !strings.HasPrefix(key, "x-nigredo-") {
					out[key] = resolve(value)
				}
			}
			return out
		case []any:
			out := make([]any, len(v))
			for i, value := range v {
				out[i] = resolve(value)
			}
			return out
		case string:
			switch v {
			case "${RequestTemplate}":
				return text(api.RequestTemplate())
			case "${ResponseTemplate}":
				return api.ResponseTemplate()
			}
			return text(v)
		}
		return v
	}
	out := resolve(tree).(map[string]any)
	// Where the API stands is said by stage and domain; an import would make a base
	// path of it.
	delete(out, "servers")
	if len(missing) > 0 {
		return nil, fmt.Errorf("openapi.yaml: no value for %s", strings.Join(missing, ", "))
	}
	if origin != "" {
		allowOrigin(out, origin)
	}
	return out, nil
}

// allowOrigin lets pages of one origin call the API from another address than their own: an
// answer to OPTIONS for each path, and the origin in every answer that is the
// gateway's to make. Under their own address pages need none of it.
func allowOrigin(tree map[string]any, origin string) {
	headers := map[string]any{"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
	for _, response := range tree["x-amazon-apigateway-gateway-responses"].(map[string]any) {
		parameters := response.(map[string]any)["responseParameters"].(map[string]any)
		for name, value := range headers {
			parameters["gatewayresponse.header."+name] = quoted(value)
		}
	}
	paths := tree["paths"].(map[string]any)
	for path, item := range paths {
		item := item.(map[string]any)
		methods := []string{"OPTIONS"}
		for method := range item {
			methods = append(methods, strings.ToUpper(method))
		}
		slices.Sort(methods)
		item["options"] = preflight(path, methods, origin)
	}
	intake := paths["/api/leads"].(map[string]any)["post"].(map[string]any)
	described := intake["responses"].(map[string]any)["201"].(map[string]any)["headers"].(map[string]any)
	answer := intake["x-amazon-apigateway-integration"].(map[string]any)["responses"].(map[string]any)["default"].(map[string]any)
	parameters := map[string]any{}
	for name, value := range headers {
		described[name] = map[string]any{"schema": map[string]any{"type": "string"}}
		parameters["method.response.header."+name] = quoted(value)
	}
	answer["responseParameters"] = parameters
}

// preflight is an OPTIONS operation that API Gateway answers by itself.
func preflight(path string, methods []string, origin string) map[string]any {
	headers := map[string]any{
		"Access-Control-Allow-Origin": origin, "Vary": "Origin",
		"Access-Control-Allow-Methods": strings.Join(methods, ", "),
		"Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key",
		"Access-Control-Max-Age":       "7200",
		"Cache-Control":                "no-store",
	}
	described, parameters := map[string]any{}, map[string]any{}
	for name, value := range headers {
		described[name] = map[string]any{"schema": map[string]any{"type": "string"}}
		parameters["method.response.header."+name] = quoted(value)
	}
	operation := map[string]any{
		"summary":  "Tells pages of the site's origin what they may send.",
		"security": []any{},
		"responses": map[string]any{
			"204": map[string]any{"description": "What is allowed.", "headers": described},
		},
		"x-amazon-apigateway-integration": map[string]any{
			"type": "mock", "passthroughBehavior": "when_no_match",
			"requestTemplates": map[string]any{"application/json": `{"statusCode":204}`},
			"responses":        map[string]any{"default": map[string]any{"statusCode": "204", "responseParameters": parameters}},
		},
	}
	var names []any
	for _, m := range pathParameter.FindAllStringSubmatch(path, -1) {
		names = append(names, map[string]any{"name": m[1], "in": "path", "required": true, "schema": map[string]any{"type": "string"}})
	}
	if len(names) > 0 {
		operation["parameters"] = names
	}
	return operation
}

var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

// quoted is a constant of a response parameter.
func quoted(v any) string { return "'" + fmt.Sprint(v) + "'" }
