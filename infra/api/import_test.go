package api_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// schemaWords are keywords of a schema that a model cannot have.
func schemaWords() []string {
	return []string{
		"additionalProperties", "allOf", "anyOf", "default", "deprecated", "discriminator", "example", "examples", "exclusiveMaximum",
		"exclusiveMinimum", "externalDocs", "maxItems", "minItems", "not", "nullable", "oneOf", "readOnly", "writeOnly", "xml",
	}
}

var (
	pathSegment = regexp.MustCompile(`^([a-zA-Z0-9._,:-]+|\{[a-zA-Z0-9._-]+\+?\})$`)
	modelName   = regexp.MustCompile(`^[a-zA-Z0-9]+$`)
)

// unsupported lists what API Gateway would refuse or drop without a word of a
// document. The rules are those of its documentation ("Amazon API Gateway
// important notes", REST APIs) and, where that is silent, of JSON Schema draft 4
// as its models have it.
func unsupported(doc map[string]any) []string {
	var found []string
	add := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }

	walk(doc, "", func(at string, m map[string]any) {
		if ref, ok := m["$ref"].(string); ok && !strings.HasPrefix(ref, "#/components/schemas/") {
			add("%s: $ref %s: only models may be referred to", at, ref)
		}
		if format, ok := m["format"].(string); ok && slices.Contains([]string{"int32", "int64", "decimal"}, format) {
			add("%s: format %s", at, format)
		}
		if kind, ok := m["type"].(string); ok && kind != "" && m["in"] == nil {
			for _, word := range schemaWords() {
				if _, has := m[word]; has {
					add("%s: %s in a schema", at, word)
				}
			}
		}
	})
	for _, word := range schemaWords() {
		walk(member(doc, "components", "schemas"), "/components/schemas", func(at string, m map[string]any) {
			if _, has := m[word]; has && !strings.HasSuffix(at, "/properties") {
				add("%s: %s in a model", at, word)
			}
		})
	}
	for path, item := range member(doc, "paths") {
		for _, segment := range strings.Split(strings.Trim(path, "/"), "/") {
			if !pathSegment.MatchString(segment) {
				add("path %s: segment %q", path, segment)
			}
		}
		for method, op := range asMap(item) {
			found = append(found, unsupportedOperation(method+" "+path, asMap(op))...)
		}
	}
	for name := range member(doc, "components", "schemas") {
		if !modelName.MatchString(name) {
			add("model name %s", name)
		}
	}
	for name, scheme := range member(doc, "components", "securitySchemes") {
		if kind := asMap(scheme)["type"]; kind != "apiKey" {
			add("security scheme %s: type %v", name, kind)
		}
	}
	return found
}

func unsupportedOperation(name string, op map[string]any) []string {
	var found []string
	if _, has := op["deprecated"]; has {
		found = append(found, name+": deprecated")
	}
	if _, has := op["callbacks"]; has {
		found = append(found, name+": callbacks")
	}
	parameters, _ := op["parameters"].([]any)
	for _, p := range parameters {
		parameter := asMap(p)
		for attribute := range parameter {
			if !slices.Contains([]string{"name", "in", "required", "description", "schema"}, attribute) {
				found = append(found, fmt.Sprintf("%s: parameter attribute %s", name, attribute))
			}
		}
		for attribute := range asMap(parameter["schema"]) {
			if attribute != "type" {
				found = append(found, fmt.Sprintf("%s: %s in the schema of a parameter", name, attribute))
			}
		}
		if parameter["in"] == "cookie" {
			found = append(found, name+": cookie parameter")
		}
	}
	// An integration answers by a status of its operation, or the import fails.
	for _, response := range asMap(asMap(op["x-amazon-apigateway-integration"])["responses"]) {
		if status, _ := asMap(response)["statusCode"].(string); asMap(op["responses"])[status] == nil {
			found = append(found, fmt.Sprintf("%s: the integration answers %s, which is not described", name, status))
		}
	}
	for status, response := range asMap(op["responses"]) {
		for mediaType, content := range asMap(asMap(response)["content"]) {
			schema := asMap(asMap(content)["schema"])
			if _, ref := schema["$ref"]; !ref && schema["type"] != "object" {
				found = append(found, fmt.Sprintf("%s: response %s of %s is no object", name, status, mediaType))
			}
		}
	}
	return found
}

func asMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func member(m map[string]any, names ...string) map[string]any {
	for _, name := range names {
		m = asMap(m[name])
	}
	return m
}

// walk visits every object outside of extensions.
func walk(v any, at string, visit func(at string, m map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(at, v)
		for name, child := range v {
			if !strings.HasPrefix(name, "x-") {
				walk(child, at+"/"+name, visit)
			}
		}
	case []any:
		for i, child := range v {
			walk(child, fmt.Sprint(at, "/", i), visit)
		}
	}
}

func TestDocument_HoldsOnlyWhatAPIGatewayImports(t *testing.T) {
	t.Parallel()
	for _, fault := range unsupported(tree(t)) {
		t.Error(fault)
	}
}

// The check itself: each construct, put into a small document, is found.
func TestUnsupported_FindsEachConstruct(t *testing.T) {
	t.Parallel()
	document := func(schema, parameter, operation, path, security string) string {
		return `{"openapi":"3.0.3","paths":{"` + path + `":{"get":{` + operation + `"parameters":[` + parameter + `],
			"responses":{"200":{"description":"","content":{"application/json":{"schema":{"$ref":"#/components/schemas/M"}}}}}}}},
			"components":{"schemas":{"M":` + schema + `},"securitySchemes":{"S":{"type":"` + security + `"}}}}`
	}
	const schema, parameter, path, security = `{"type":"object"}`, `{"name":"q","in":"query","schema":{"type":"string"}}`, "/a/{b}", "apiKey"
	tests := map[string]string{
		"oauth2":                  document(schema, parameter, "", path, "oauth2"),
		"bearer":                  document(schema, parameter, "", path, "http"),
		"parameter in a segment":  document(schema, parameter, "", "/a/v{b}", security),
		"tilde in a path":         document(schema, parameter, "", "/~a", security),
		"cookie":                  document(schema, `{"name":"q","in":"cookie","schema":{"type":"string"}}`, "", path, security),
		"parameter style":         document(schema, `{"name":"q","in":"query","style":"form","schema":{"type":"string"}}`, "", path, security),
		"parameter maximum":       document(schema, `{"name":"q","in":"query","schema":{"type":"integer","maximum":100}}`, "", path, security),
		"parameter by reference":  document(schema, `{"$ref":"#/components/parameters/P"}`, "", path, security),
		"deprecated operation":    document(schema, parameter, `"deprecated":true,`, path, security),
		"callbacks":               document(schema, parameter, `"callbacks":{},`, path, security),
		"schema of another file":  document(`{"$ref":"lead.json"}`, parameter, "", path, security),
		"int32":                   document(`{"type":"object","properties":{"n":{"type":"number","format":"int32"}}}`, parameter, "", path, security),
		"model name":              strings.ReplaceAll(document(schema, parameter, "", path, security), `"M"`, `"lead_form"`),
		"response by reference":   strings.Replace(document(schema, parameter, "", path, security), `{"description":"",`, `{"$ref":"#/components/responses/R","description":"",`, 1),
		"status of nobody":        document(schema, parameter, `"x-amazon-apigateway-integration":{"responses":{"default":{"statusCode":"201"}}},`, path, security),
		"response that is a text": strings.Replace(document(schema, parameter, "", path, security), `{"$ref":"#/components/schemas/M"}`, `{"type":"string"}`, 1),
	}
	for _, word := range schemaWords() {
		tests[word] = document(`{"type":"object","properties":{"p":{"type":"string","`+word+`":true}}}`, parameter, "", path, security)
		tests[word+" without type"] = document(`{"`+word+`":[]}`, parameter, "", path, security)
	}
	for name, text := range tests {
		var doc map[string]any
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(unsupported(doc)) == 0 {
			t.Errorf("%s is not found", name)
		}
	}
	var clean map[string]any
	if err := json.Unmarshal([]byte(document(schema, parameter, "", path, security)), &clean); err != nil {
		t.Fatal(err)
	}
	if got := unsupported(clean); len(got) > 0 {
		t.Errorf("a clean document has %v", got)
	}
}
