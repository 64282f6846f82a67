package proof

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
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

// Unsupported lists what API Gateway would refuse or drop without a word of a
// document. The rules are those of its documentation ("Amazon API Gateway
// important notes", REST APIs) and, where that is silent, of JSON Schema draft 4
// as its models have it.
func Unsupported(doc map[string]any) []string {
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
		// A header that an integration sets must be one of the operation's answer.
		for target := range member(asMap(response), "responseParameters") {
			header, ours := strings.CutPrefix(target, "method.response.header.")
			status, _ := asMap(response)["statusCode"].(string)
			if !ours || member(op, "responses", status, "headers")[header] == nil {
				found = append(found, fmt.Sprintf("%s: the integration sets %s, which answer %s does not have", name, target, status))
			}
		}
	}
	if integration := asMap(op["x-amazon-apigateway-integration"]); integration["type"] == "mock" && !strings.Contains(Text(integration["requestTemplates"]), "statusCode") {
		found = append(found, name+": a mock integration that names no status answers 500")
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

// importItem: what is deployed is the document with preflights and headers added, and
// keeps to the same subset.
func importItem() Item {
	const rest = "AWS::ApiGateway::RestApi"
	change := func(what, at string, value any) Mutation {
		return Mutation{what, func(t *Templates) {
			r := t.Core.Resources(rest)[0]
			op := asMap(member(r.Properties, "Body", "paths", "/api/leads")["options"])
			if op == nil { // an environment without an address of its own has no preflights
				op = member(r.Properties, "Body", "paths", "/api/leads", "post")
				op["deprecated"] = true
				return
			}
			Resource{ID: r.ID, Properties: op}.Set(at, value)
		}}
	}
	return Item{
		IDs: []string{"D.document"}, Property: "the deployed body, preflights among it, has nothing that API Gateway refuses or drops at import",
		Check: func(t *Templates) error {
			r, err := only(t.Core, rest)
			if err != nil {
				return err
			}
			var errs []error
			for _, fault := range Unsupported(asMap(r.Get("Body"))) {
				errs = append(errs, errors.New(fault))
			}
			return errors.Join(errs...)
		},
		Mutations: []Mutation{
			change("a preflight sets a header that its answer does not have", "responses.204.headers", map[string]any{}),
			change("a preflight answers another status", "x-amazon-apigateway-integration.responses.default.statusCode", "200"),
			change("a preflight names no status", "x-amazon-apigateway-integration.requestTemplates", map[string]any{}),
			change("a preflight is deprecated", "deprecated", true),
		},
	}
}
