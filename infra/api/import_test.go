package api_test

import (
	"testing"

	"github.com/alquimista-ai/nigredo/infra/proof"
)

func TestDocument_HoldsOnlyWhatAPIGatewayImports(t *testing.T) {
	t.Parallel()
	for _, fault := range proof.Unsupported(tree(t)) {
		t.Error(fault)
	}
}
