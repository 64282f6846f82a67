package contract

import (
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/infra/api"
)

// The table's list is held by the store's tests.
func TestCauses_AreThoseOfTheAPI(t *testing.T) {
	t.Parallel()
	document, err := openapi3.NewLoader().LoadFromData(api.Document())
	if err != nil {
		t.Fatal(err)
	}
	listed := document.Components.Schemas["FailureGroup"].Value.Properties["cause"].Value.Enum
	var want []any
	for _, cause := range lead.Causes() {
		want = append(want, string(cause))
	}
	if !slices.Equal(listed, want) {
		t.Errorf("the document lists %v, want %v", listed, want)
	}
}
