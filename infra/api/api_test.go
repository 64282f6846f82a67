package api_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/alquimista-ai/nigredo/infra/api"
)

func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(api.Document())
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

// tree is the document as plain JSON values.
func tree(t *testing.T) map[string]any {
	t.Helper()
	b, err := load(t).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

var placeholder = regexp.MustCompile(`\$\{(\w*)\}`)

func TestPlaceholders_AreTheOnesThatStandInTheFiles(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, text := range []string{string(api.Document()), api.RequestTemplate(), api.ResponseTemplate()} {
		// A comment may speak of ${Name}.
		for line := range strings.Lines(text) {
			if strings.HasPrefix(strings.TrimSpace(line), "#") && !strings.HasPrefix(line, "#set") {
				continue
			}
			for _, m := range placeholder.FindAllStringSubmatch(line, -1) {
				found[m[1]] = true
			}
		}
	}
	if got, want := slices.Sorted(maps.Keys(found)), api.Placeholders(); !slices.Equal(got, want) {
		t.Errorf("in the files: %v\nlisted:       %v", got, want)
	}
}

func TestTemplates_HaveNoOtherPlaceholderThanTheMachine(t *testing.T) {
	t.Parallel()
	if got := placeholder.FindAllString(api.RequestTemplate(), -1); !slices.Equal(got, []string{"${LeadIntakeArn}"}) {
		t.Errorf("request.vtl: %v", got)
	}
	if got := placeholder.FindAllString(api.ResponseTemplate(), -1); len(got) > 0 {
		t.Errorf("response.vtl: %v", got)
	}
	if got := load(t).Paths.Value("/api/leads").Post.Extensions["x-nigredo-state-machine"]; got != "${LeadIntakeArn}" {
		t.Errorf("x-nigredo-state-machine: %v, but request.vtl starts ${LeadIntakeArn}", got)
	}
}

// An execution's error and cause are ours to read, not the caller's.
func TestResponseTemplate_NeverReadsErrorOrCause(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"$.error", "$.cause", "$input.body", "$input.json"} {
		if strings.Contains(api.ResponseTemplate(), name) {
			t.Errorf("response.vtl reads %s", name)
		}
	}
}

// API Gateway answers 5XX to a request that overrides one thing twice.
func TestResponseTemplate_AppliesEachOverrideOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`#set\(\$context\.responseOverride\.([\w.-]+) `).FindAllStringSubmatch(api.ResponseTemplate(), -1) {
		if seen[m[1]] {
			t.Errorf("%s is set twice", m[1])
		}
		seen[m[1]] = true
	}
	want := []string{
		"header.Cache-Control", "header.Content-Type", "header.Idempotent-Replayed", "header.Location",
		"header.RateLimit", "header.RateLimit-Policy", "header.Retry-After", "status",
	}
	if got := slices.Sorted(maps.Keys(seen)); !slices.Equal(got, want) {
		t.Errorf("overrides %v, want %v", got, want)
	}
}

func TestDocument_PostTakesWhatItDescribes(t *testing.T) {
	t.Parallel()
	post := load(t).Paths.Value("/api/leads").Post
	var described []string
	for mediaType := range post.RequestBody.Value.Content {
		described = append(described, mediaType)
	}
	integration, _ := post.Extensions["x-amazon-apigateway-integration"].(map[string]any)
	templates, _ := integration["requestTemplates"].(map[string]any)
	slices.Sort(described)
	if got := slices.Sorted(maps.Keys(templates)); !slices.Equal(got, described) {
		t.Errorf("templates for %v, bodies of %v", got, described)
	}
	if integration["passthroughBehavior"] != "never" {
		t.Error("without passthroughBehavior never, another content type reaches Step Functions unmapped")
	}
}

func TestDocument_ProtectedOperationsListBothScopes(t *testing.T) {
	t.Parallel()
	public := []string{"createLead", "createRightsRequest", "countView", "getStamp", "health", "ready"}
	for path, item := range load(t).Paths.Map() {
		for method, op := range item.Operations() {
			switch {
			case op.Security == nil:
				t.Errorf("%s %s: silent about security", method, path)
			case slices.Contains(public, op.OperationID):
				if len(*op.Security) > 0 {
					t.Errorf("%s %s: should be public", method, path)
				}
			default:
				if len(*op.Security) != 1 || !slices.Equal((*op.Security)[0]["Cognito"], []string{"nigredo/console", "aws.cognito.signin.user.admin"}) {
					t.Errorf("%s %s: security %v", method, path, *op.Security)
				}
			}
		}
	}
}

// gatewayResponses are the refusals that clients are promised and those that API Gateway makes
// on the same occasions.
func gatewayResponses() map[string]string {
	return map[string]string{
		"MISSING_AUTHENTICATION_TOKEN": "404", "RESOURCE_NOT_FOUND": "404", "BAD_REQUEST_BODY": "400", "BAD_REQUEST_PARAMETERS": "400",
		"UNAUTHORIZED": "401", "ACCESS_DENIED": "403", "WAF_FILTERED": "403", "REQUEST_TOO_LARGE": "413",
		"UNSUPPORTED_MEDIA_TYPE": "415", "THROTTLED": "429", "QUOTA_EXCEEDED": "429",
		"INTEGRATION_FAILURE": "502", "INTEGRATION_TIMEOUT": "504", "DEFAULT_4XX": "", "DEFAULT_5XX": "",
	}
}

func TestDocument_GatewayResponsesAreProblems(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(load(t).Extensions["x-amazon-apigateway-gateway-responses"])
	if err != nil {
		t.Fatal(err)
	}
	var responses map[string]struct {
		StatusCode         string
		ResponseParameters map[string]string
		ResponseTemplates  map[string]string
	}
	if err := json.Unmarshal(b, &responses); err != nil {
		t.Fatal(err)
	}
	want := gatewayResponses()
	for name, r := range responses {
		status, known := want[name]
		if !known || r.StatusCode != status {
			t.Errorf("%s: status %q, want %q", name, r.StatusCode, status)
		}
		delete(want, name)
		if r.ResponseParameters["gatewayresponse.header.Content-Type"] != "'application/problem+json'" {
			t.Errorf("%s: no problem+json", name)
		}
		var p struct {
			Type, Title, Detail string
			Status              json.Number
		}
		if err := json.Unmarshal([]byte(r.ResponseTemplates["application/json"]), &p); err != nil || p.Type == "" || p.Title == "" || p.Detail == "" || p.Status.String() != status {
			t.Errorf("%s: problem %s: %v", name, r.ResponseTemplates["application/json"], err)
		}
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

// What a gateway response and the response template both say, they say in the
// same words.
func TestDocument_AndResponseTemplateUseOneText(t *testing.T) {
	t.Parallel()
	document := string(api.Document())
	for _, status := range []string{"413", "502", "504"} {
		m := regexp.MustCompile(`'(\{[^']*"status":` + status + `,[^']*\})'`).FindStringSubmatch(api.ResponseTemplate())
		if m == nil || !strings.Contains(document, m[1]) {
			t.Errorf("problem %s of response.vtl is not in the document: %v", status, m)
		}
	}
}
