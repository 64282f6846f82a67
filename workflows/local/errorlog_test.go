package local

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

func TestServe_PanicIsALineWithoutItsCaller(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zap.InfoLevel)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	i := &Instance{failed: make(chan error, 1)}
	i.serve(zap.New(core), server{"test", listener, &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		panic("cannot read\n" + string(body))
	})}})
	if _, err := http.Post("http://"+listener.Addr().String(), "text/plain", strings.NewReader("Ana Marker")); err == nil { //nolint:bodyclose // there is none
		t.Error("the panic was answered")
	}
	if err := i.undo[0](t.Context()); err != nil {
		t.Fatal(err)
	}
	lines := logs.All()
	if len(lines) != 1 {
		t.Fatalf("%d lines, want 1", len(lines))
	}
	text, _ := lines[0].ContextMap()["error_message"].(string)
	if !strings.HasPrefix(text, "http: panic serving a caller\n") || !strings.Contains(text, "errorlog_test.go") {
		t.Errorf("the line does not lead to the panic: %q", text)
	}
	if strings.Contains(text, "127.0.0.1") || strings.Contains(text, "Marker") {
		t.Errorf("the line names the caller: %q", text)
	}
}
