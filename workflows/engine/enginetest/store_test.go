package enginetest_test

import (
	"testing"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
	"github.com/alquimista-ai/nigredo/workflows/engine/storetest"
)

func TestStore_PassesTheSuite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) engine.Store { return enginetest.NewStore() })
}
