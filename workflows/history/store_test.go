package history_test

import (
	"testing"

	"github.com/alquimista-ai/nigredo/tests/testdb"
	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/storetest"
	"github.com/alquimista-ai/nigredo/workflows/history"
)

func TestStore_PassesTheSuite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) engine.Store { return history.New(testdb.New(t)) })
}
