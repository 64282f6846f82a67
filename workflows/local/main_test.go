package local_test

import (
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"github.com/alquimista-ai/nigredo/tests/testdb"
)

// TestMain fails the package when an Instance leaves a goroutine behind.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(tests{m}, testdb.Background())
}

// tests closes what the tests' own HTTP client keeps open.
type tests struct{ *testing.M }

func (t tests) Run() int {
	defer http.DefaultClient.CloseIdleConnections()
	return t.M.Run()
}
