package proof

import (
	"encoding/json"
	"strings"
	"testing"
)

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
	tests["header of nobody"] = document(schema, parameter, `"x-amazon-apigateway-integration":{"responses":{"default":{"statusCode":"200","responseParameters":{"method.response.header.Vary":"'Origin'"}}}},`, path, security)
	tests["mock without status"] = document(schema, parameter, `"x-amazon-apigateway-integration":{"type":"mock"},`, path, security)
	for _, word := range schemaWords() {
		tests[word] = document(`{"type":"object","properties":{"p":{"type":"string","`+word+`":true}}}`, parameter, "", path, security)
		tests[word+" without type"] = document(`{"`+word+`":[]}`, parameter, "", path, security)
	}
	for name, text := range tests {
		var doc map[string]any
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(Unsupported(doc)) == 0 {
			t.Errorf("%s is not found", name)
		}
	}
	var clean map[string]any
	if err := json.Unmarshal([]byte(document(schema, parameter, "", path, security)), &clean); err != nil {
		t.Fatal(err)
	}
	if got := Unsupported(clean); len(got) > 0 {
		t.Errorf("a clean document has %v", got)
	}
}
