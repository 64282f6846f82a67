package stack

import (
	"regexp"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/api"
)

func values() map[string]*string {
	out := map[string]*string{}
	for _, name := range api.Placeholders() {
		out[name] = jsii.String("arn:of:" + name + `:"\'`)
	}
	return out
}

// The origin rule refuses each POST but those it names: none of the public ones may
// slip through, however it is spelled.
func TestFirewall_NamesTheProtectedPostsAndNoOther(t *testing.T) {
	t.Parallel()
	tree, err := document()
	if err != nil {
		t.Fatal(err)
	}
	ops := operations(tree)
	exempt := regexp.MustCompile(protectedPosts(ops))
	if n := len(exempt.String()); n > 512 {
		t.Errorf("%d characters, WAF takes 512", n)
	}
	for _, op := range ops {
		for _, prefix := range []string{"", "/live", "/nigredo"} {
			p := prefix + pathParameter.ReplaceAllString(op.path, "0198c1a2-0000-7000-8000-000000000000")
			if op.method == "POST" && exempt.MatchString(p) == op.public {
				t.Errorf("%s: exempt %t, public %t", p, exempt.MatchString(p), op.public)
			}
		}
	}
	for _, p := range []string{
		"/api/leads", "/api/leads/", "/API/leads", "/api/%6Ceads", "/api//leads", "/api/views", "/api/rights-requests", "/live/api/leads", "/nigredo/api/leads",
		"/api/leads/redrive", "/api/leads?x=/api/redrives", "/x/api/redrives", "/api/leads/../redrives", "/api/leads/a/b/redrive", "/api/redrives/",
	} {
		if exempt.MatchString(p) {
			t.Errorf("%s passes without the secret", p)
		}
	}
}

func TestBody_TemplatesArriveToTheLetter(t *testing.T) {
	t.Parallel()
	tree, err := document()
	if err != nil {
		t.Fatal(err)
	}
	out, err := body(tree, values(), "")
	if err != nil {
		t.Fatal(err)
	}
	post := out["paths"].(map[string]any)["/api/leads"].(map[string]any)["post"].(map[string]any)
	integration := post["x-amazon-apigateway-integration"].(map[string]any)
	want := strings.Replace(api.RequestTemplate(), "${LeadIntakeArn}", *values()["LeadIntakeArn"], 1)
	for _, kind := range []string{"application/json", "application/x-www-form-urlencoded"} {
		if integration["requestTemplates"].(map[string]any)[kind] != want {
			t.Errorf("%s: not request.vtl", kind)
		}
	}
	if got := integration["responses"].(map[string]any)["default"].(map[string]any)["responseTemplates"].(map[string]any)["application/json"]; got != api.ResponseTemplate() {
		t.Error("not response.vtl")
	}
	if out["paths"].(map[string]any)["/api/leads"].(map[string]any)["options"] != nil {
		t.Error("without an origin nobody may call across origins")
	}
}

func TestBody_RefusesAPlaceholderWithoutValue(t *testing.T) {
	t.Parallel()
	for _, name := range api.Placeholders() {
		if name == "RequestTemplate" || name == "ResponseTemplate" {
			continue
		}
		tree, err := document()
		if err != nil {
			t.Fatal(err)
		}
		some := values()
		delete(some, name)
		if _, err := body(tree, some, ""); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBody_OneOriginMayCall(t *testing.T) {
	t.Parallel()
	tree, err := document()
	if err != nil {
		t.Fatal(err)
	}
	out, err := body(tree, values(), "https://site.example")
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range out["paths"].(map[string]any) {
		if item.(map[string]any)["options"] == nil {
			t.Errorf("%s has no OPTIONS", path)
		}
	}
	for name, r := range out["x-amazon-apigateway-gateway-responses"].(map[string]any) {
		if got := r.(map[string]any)["responseParameters"].(map[string]any)["gatewayresponse.header.Access-Control-Allow-Origin"]; got != "'https://site.example'" {
			t.Errorf("%s: %v", name, got)
		}
	}
}
