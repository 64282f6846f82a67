package contract

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"golang.org/x/net/html"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/infra/api"
	"github.com/alquimista-ai/nigredo/site"
)

// The document names the rights and the outcomes that the domain has, in its order.
func TestRights_AreThoseOfTheAPI(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(api.Document())
	if err != nil {
		t.Fatal(err)
	}
	var kinds, outcomes []any
	for _, kind := range lead.RightsKinds() {
		kinds = append(kinds, string(kind))
	}
	for _, outcome := range lead.RightsOutcomes() {
		outcomes = append(outcomes, string(outcome))
	}
	for schema, properties := range map[string]map[string][]any{
		"RightsForm":    {"kind": kinds},
		"RightsSummary": {"kind": kinds, "outcome": outcomes},
		"RightsRequest": {"kind": kinds, "outcome": outcomes},
		"RightsClosing": {"outcome": outcomes},
	} {
		for name, want := range properties {
			if got := doc.Components.Schemas[schema].Value.Properties[name].Value.Enum; !slices.Equal(got, want) {
				t.Errorf("%s.%s: %v, want %v", schema, name, got, want)
			}
		}
	}
}

// The page posts what the API knows, to where it takes it: every property of RightsForm
// has a field, and every right a button in the order of the law.
func TestRights_PagePostsTheFormOfTheAPI(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(api.Document())
	if err != nil {
		t.Fatal(err)
	}
	pages, err := site.Handler()
	if err != nil {
		t.Fatal(err)
	}
	const action = "/api/rights-requests"
	if item := doc.Paths.Value(action); item == nil || item.Post == nil {
		t.Fatalf("the API has no POST %s", action)
	}
	properties := doc.Components.Schemas["RightsForm"].Value.Properties
	for locale, path := range map[string]string{lead.PortugueseBrazil: "/privacidade/solicitacao/", lead.English: "/en/privacy/request/"} {
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		page, err := html.Parse(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		var forms []string
		var kinds []any
		names := map[string]bool{}
		for n := range page.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			at := map[string]string{}
			for _, a := range n.Attr {
				at[a.Key] = a.Val
			}
			switch {
			case n.Data == "form":
				forms = append(forms, at["method"]+" "+at["action"])
			case at["name"] == "kind" && at["type"] == "radio":
				kinds = append(kinds, at["value"])
			case at["name"] == "locale" && at["value"] != locale:
				t.Errorf("%s: locale %q", path, at["value"])
			}
			if n.Data == "input" || n.Data == "textarea" {
				names[at["name"]] = true
			}
		}
		if !slices.Equal(forms, []string{"post " + action}) {
			t.Errorf("%s: forms %v", path, forms)
		}
		if want := properties["kind"].Value.Enum; !slices.Equal(kinds, want) {
			t.Errorf("%s: rights %v, want %v", path, kinds, want)
		}
		for name := range properties {
			if !names[name] {
				t.Errorf("%s: no field %s", path, name)
			}
			delete(names, name)
		}
		if len(names) > 0 {
			t.Errorf("%s: fields that the API does not know: %v", path, names)
		}
	}
}
