package gateway

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// listen serves the API on a free port with the limits of a public listener.
func listen(t *testing.T, b *bundle, change func(*http.Server)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := NewServer(b.serve(t))
	if change != nil {
		change(server)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(Limit(l)); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return l.Addr().String()
}

func TestServer_HasTheLimitsOfAPublicListener(t *testing.T) {
	t.Parallel()
	s := NewServer(http.NotFoundHandler())
	if s.ReadHeaderTimeout != 5*time.Second || s.MaxHeaderBytes != 16<<10 || s.ReadTimeout <= 0 || s.IdleTimeout <= 0 {
		t.Errorf("limits %+v", s)
	}
	if s.WriteTimeout <= 29*time.Second {
		t.Errorf("the write timeout, %s, cuts off an integration of 29 s", s.WriteTimeout)
	}
}

func TestServer_MegabyteIs413(t *testing.T) {
	t.Parallel()
	b := setup(t)
	address := listen(t, b, nil)
	for name, body := range map[string]io.Reader{
		"declared": bytes.NewReader(make([]byte, 1<<20)),
		"chunked":  io.MultiReader(bytes.NewReader(make([]byte, 1<<20))),
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/api/leads", body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", asJSON)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode != 413 || !strings.Contains(string(text), "Content Too Large") {
			t.Errorf("%s: %d %s", name, res.StatusCode, text)
		}
	}
	if len(b.started) > 0 {
		t.Error("an execution was started")
	}
}

func TestServer_RefusesAFloodOfHeaders(t *testing.T) {
	t.Parallel()
	address := listen(t, setup(t), nil)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/health", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Flood", strings.Repeat("x", 64<<10))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return // cut off while sending: refused as well
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("got %d", res.StatusCode)
	}
}

// A client that never ends its headers is cut off, and others are served
// meanwhile.
func TestServer_SlowHeadersAreCutOff(t *testing.T) {
	t.Parallel()
	address := listen(t, setup(t), func(s *http.Server) { s.ReadHeaderTimeout = 200 * time.Millisecond })
	var slow []net.Conn
	for range 20 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		if _, err := fmt.Fprint(c, "GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: "); err != nil {
			t.Fatal(err)
		}
		slow = append(slow, c)
	}
	res, err := http.Get("http://" + address + "/health")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("meanwhile: %d", res.StatusCode)
	}
	for _, c := range slow {
		if err := c.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(c).ReadString('\n')
		if err == nil && !strings.Contains(line, "408") {
			t.Errorf("slow client got %q", line)
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("slow client is still connected")
		}
	}
}
