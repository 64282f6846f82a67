package contract

import (
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/infra/api"
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
