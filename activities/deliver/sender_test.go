package deliver

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

func secret(fill byte) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(fill), 32)))
}

// fixed are secrets that stay.
func fixed(secrets ...string) func() ([]string, error) {
	return func() ([]string, error) { return secrets, nil }
}

// toLoopback is a sender to a server of the test; quick makes it give up soon.
func toLoopback(tb testing.TB, url string, quick bool, secrets ...string) *Sender {
	tb.Helper()
	if len(secrets) == 0 {
		secrets = []string{secret('a')}
	}
	s, err := NewSender(Target{URL: url, Secrets: fixed(secrets...), Private: true}, time.Now)
	if err != nil {
		tb.Fatal(err)
	}
	if quick {
		s.timeout = 150 * time.Millisecond
	}
	tb.Cleanup(s.client.CloseIdleConnections)
	return s
}

func TestSender_SignsTheExactBytes(t *testing.T) {
	t.Parallel()
	body := []byte(`{"a": "Ana D'Ávila \u2028"}`)
	var got []byte
	var header http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got, _ = io.ReadAll(r.Body)
		header = r.Header
	}))
	t.Cleanup(server.Close)
	if r := toLoopback(t, server.URL, false, secret('a'), secret('b')).Send(t.Context(), "msg_1", body); r.failure != nil || r.status != 200 {
		t.Fatalf("%+v", r)
	}
	if string(got) != string(body) || header.Get("Content-Type") != "application/json" || header.Get("Webhook-Id") != "msg_1" {
		t.Errorf("received %s, %v", got, header)
	}
	// While a secret rotates, a receiver with the old or the new one verifies.
	for _, s := range []string{secret('a'), secret('b')} {
		verifier, err := standardwebhooks.NewWebhook(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := verifier.Verify(got, header); err != nil {
			t.Error(err)
		}
		if err := verifier.Verify(append([]byte(" "), got...), header); err == nil {
			t.Error("another body was verified")
		}
	}
	stranger, err := standardwebhooks.NewWebhook(secret('c'))
	if err != nil {
		t.Fatal(err)
	}
	if err := stranger.Verify(got, header); err == nil {
		t.Error("a stranger's secret verified")
	}
}

func TestSender_ClassifiesAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status int
		kind   error
	}{
		{200, nil},
		{201, nil},
		{204, nil},
		{299, nil},
		{300, lead.ErrFibonacciRejected},
		{301, lead.ErrFibonacciRejected},
		{302, lead.ErrFibonacciRejected},
		{304, lead.ErrFibonacciRejected},
		{307, lead.ErrFibonacciRejected},
		{400, lead.ErrFibonacciRejected},
		{401, lead.ErrFibonacciRejected},
		{404, lead.ErrFibonacciRejected},
		{410, lead.ErrFibonacciRejected},
		{422, lead.ErrFibonacciRejected},
		{408, lead.ErrFibonacciUnavailable},
		{500, lead.ErrFibonacciUnavailable},
		{502, lead.ErrFibonacciUnavailable},
		{504, lead.ErrFibonacciUnavailable},
		{599, lead.ErrFibonacciUnavailable},
		{429, lead.ErrFibonacciThrottled},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status), func(t *testing.T) {
			t.Parallel()
			calls := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls++
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.status)
			}))
			t.Cleanup(server.Close)
			r := toLoopback(t, server.URL, false).Send(t.Context(), "msg_1", []byte("{}"))
			if r.status != tt.status || calls != 1 {
				t.Errorf("status %d after %d calls", r.status, calls)
			}
			if (r.failure == nil) != (tt.kind == nil) || r.failure != nil && (!errors.Is(r.failure, tt.kind) || r.failure.HTTPStatus() != tt.status) {
				t.Errorf("failure %+v, want %v", r.failure, tt.kind)
			}
		})
	}
}

// hostile serves one raw connection after another with f until the test ends.
func hostile(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				f(conn)
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return "http://" + listener.Addr().String()
}

// refusingTLS begins TLS on one connection after another until the test ends, and
// reads what else comes, so that no reset overtakes its alert.
func refusingTLS(t *testing.T, config *tls.Config) string {
	t.Helper()
	donor := httptest.NewTLSServer(http.NotFoundHandler())
	config.Certificates = donor.TLS.Certificates
	donor.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if err := tls.Server(conn, config).HandshakeContext(context.Background()); err == nil {
				t.Error("TLS was agreed on")
			}
			_, _ = io.Copy(io.Discard, conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return "https://" + listener.Addr().String()
}

func write(t *testing.T, c net.Conn, text string) bool {
	t.Helper()
	_, err := io.WriteString(c, text)
	return err == nil
}

// untilClosed writes a little again and again until the other side hangs up.
func untilClosed(t *testing.T, c net.Conn, text string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for write(t, c, text) {
		<-tick.C
	}
}

func TestSender_SurvivesHostileReceivers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		serve  func(*testing.T, net.Conn)
		status int
		kind   error
	}{
		{"silence", func(_ *testing.T, c net.Conn) { _, _ = io.Copy(io.Discard, c) }, 0, lead.ErrFibonacciUnavailable},
		{"headers drip", func(t *testing.T, c net.Conn) { write(t, c, "HTTP/1.1 200 OK\r\n"); untilClosed(t, c, "X-A: b\r\n") }, 0, lead.ErrFibonacciUnavailable},
		{"body drips after 200", func(t *testing.T, c net.Conn) {
			write(t, c, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
			untilClosed(t, c, "x")
		}, 200, nil},
		{"body drips after 500", func(t *testing.T, c net.Conn) {
			write(t, c, "HTTP/1.1 500 No\r\nContent-Length: 1000000\r\n\r\n")
			untilClosed(t, c, "x")
		}, 500, lead.ErrFibonacciUnavailable},
		{"body without end", func(t *testing.T, c net.Conn) {
			write(t, c, "HTTP/1.1 200 OK\r\n\r\n")
			for write(t, c, strings.Repeat("x", 4096)) {
				continue
			}
		}, 200, nil},
		{"body breaks off", func(t *testing.T, c net.Conn) { write(t, c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab") }, 200, nil},
		{"closed at once", func(*testing.T, net.Conn) {}, 0, lead.ErrFibonacciUnavailable},
		{"reset", func(t *testing.T, c net.Conn) {
			if err := c.(*net.TCPConn).SetLinger(0); err != nil {
				t.Error(err)
			}
		}, 0, lead.ErrFibonacciUnavailable},
		{"no HTTP", func(t *testing.T, c net.Conn) { write(t, c, "SSH-2.0-OpenSSH_9.2\r\n") }, 0, lead.ErrFibonacciUnavailable},
		{"headers of a mebibyte", func(t *testing.T, c net.Conn) {
			write(t, c, "HTTP/1.1 200 OK\r\nX-A: "+strings.Repeat("b", 1<<20)+"\r\n\r\n")
		}, 0, lead.ErrFibonacciUnavailable},
		{"100 continue without end", func(t *testing.T, c net.Conn) { untilClosed(t, c, "HTTP/1.1 100 Continue\r\n\r\n") }, 0, lead.ErrFibonacciUnavailable},
		{"100 continue, then 200", func(t *testing.T, c net.Conn) {
			write(t, c, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		}, 200, nil},
		{"switching protocols", func(t *testing.T, c net.Conn) {
			write(t, c, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
		}, 101, lead.ErrFibonacciRejected},
		{"a compressed body that is none", func(t *testing.T, c net.Conn) {
			write(t, c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc")
		}, 200, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := toLoopback(t, hostile(t, func(c net.Conn) { tt.serve(t, c) }), true).Send(t.Context(), "msg_1", []byte("{}"))
			if r.status != tt.status || (r.failure == nil) != (tt.kind == nil) || r.failure != nil && !errors.Is(r.failure, tt.kind) {
				t.Errorf("status %d, failure %+v, want %d, %v", r.status, r.failure, tt.status, tt.kind)
			}
			if len(r.answer) > maxRead {
				t.Errorf("answer of %d bytes", len(r.answer))
			}
		})
	}
}

func TestSender_LeavesNoGoroutineBehind(t *testing.T) {
	// Not parallel: it counts the goroutines of the whole process.
	before := goleak.IgnoreCurrent()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
	}))
	s, err := NewSender(Target{URL: server.URL, Secrets: fixed(secret('a')), Private: true}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if r := s.Send(t.Context(), "msg_1", []byte("{}")); r.failure != nil || len(r.answer) != maxRead {
			t.Fatalf("%+v", r)
		}
	}
	s.client.CloseIdleConnections()
	server.Close()
	goleak.VerifyNone(t, before)
}

func TestSender_SaysWhyThereWasNoAnswer(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	secure := func(config *tls.Config) string {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog = zap.NewStdLog(zap.NewNop())
		server.TLS = config
		server.StartTLS()
		t.Cleanup(server.Close)
		return server.URL
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	mute, err := net.Listen("tcp", "127.0.0.1:0") // the kernel accepts, and nobody speaks
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mute.Close() })
	silence := hostile(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	// Of TLS 1.3 the client is done before the server asks where its certificate is.
	strict := &tls.Config{MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAnyClientCert}
	trusting := func(s *Sender) { s.client.Transport.(*http.Transport).TLSClientConfig.InsecureSkipVerify = true }
	const noTLS = "TLS could not be agreed on or the certificate is not trusted"
	for name, row := range map[string]struct {
		url     string
		change  func(*Sender)
		cause   lead.Cause
		message string
	}{
		"nobody listens":          {refused, nil, lead.CauseRefused, "the connection was refused"},
		"no such name":            {"http://nobody.test/", askingTest(t), lead.CauseDNS, "the host name could not be resolved"},
		"name servers are silent": {"http://silent.test/", askingTest(t), lead.CauseDNS, "the name servers gave no address within 2 s"},
		"no connection": {"http://127.0.0.1:1/", func(s *Sender) {
			s.dialer.Timeout = 50 * time.Millisecond
			s.dialer.ControlContext = func(ctx context.Context, _, _ string, _ syscall.RawConn) error {
				<-ctx.Done()
				return ctx.Err()
			}
		}, lead.CauseTimeoutConnect, "no connection within 2 s"},
		"no handshake": {"https://" + mute.Addr().String(), func(s *Sender) {
			s.client.Transport.(*http.Transport).TLSHandshakeTimeout = 50 * time.Millisecond
		}, lead.CauseTimeoutTLS, "no TLS handshake within 2 s"},
		"no answer":             {silence, func(s *Sender) { s.timeout = 150 * time.Millisecond }, lead.CauseTimeoutAnswer, "no answer within 5 s"},
		"untrusted certificate": {secure(nil), nil, lead.CauseTLS, noTLS},
		"TLS of 2006": {
			secure(&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}),
			trusting, lead.CauseTLS, noTLS,
		},
		"a certificate of ours is wanted": {refusingTLS(t, strict), trusting, lead.CauseTLS, noTLS},
		"no TLS":                          {"https" + plain.URL[len("http"):], nil, lead.CauseTLS, noTLS},
		"an address not allowed":          {"http://192.0.2.1/", nil, lead.CauseBlocked, "the receiver's address is not allowed"},
		"the metadata service":            {"https://169.254.169.254/latest/", nil, lead.CauseBlocked, "the receiver's address is not allowed"},
		"closed before an answer":         {hostile(t, func(net.Conn) {}), nil, lead.CauseReset, "the connection was closed before an answer"},
		"another protocol":                {hostile(t, func(c net.Conn) { write(t, c, "SSH-2.0-OpenSSH_9.2\r\n") }), nil, lead.CauseProtocol, "what came back is not an answer in HTTP"},
		"headers without end":             {hostile(t, func(c net.Conn) { write(t, c, "HTTP/1.1 200 OK\r\nX-A: "+strings.Repeat("b", 1<<20)) }), nil, lead.CauseProtocol, "what came back is not an answer in HTTP"},
		"only preliminary answers": {hostile(t, func(c net.Conn) {
			for write(t, c, strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 100)) {
				continue
			}
		}), nil, lead.CauseProtocol, "what came back is not an answer in HTTP"},
		"an answer that breaks off": {hostile(t, func(c net.Conn) { write(t, c, "HTTP/1.1 200 OK\r\nX-A:") }), nil, lead.CauseReset, "the connection was closed before an answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := toLoopback(t, row.url, false)
			if row.change != nil {
				row.change(s)
			}
			kind := lead.ErrFibonacciUnavailable
			if row.cause == lead.CauseBlocked {
				kind = lead.ErrFibonacciRejected
			}
			r := s.Send(t.Context(), "msg_1", nil)
			if r.failure == nil || r.failure.message != row.message || r.failure.cause != row.cause || !errors.Is(r.failure, kind) {
				t.Errorf("%+v, want %s, %q", r.failure, row.cause, row.message)
			}
		})
	}
}

// The parts of an attempt fit into it with time left for an answer, and the
// whole fits into what the machine gives the task.
func TestSender_LeavesTimeForAnAnswer(t *testing.T) {
	t.Parallel()
	s := toLoopback(t, "http://127.0.0.1/", false)
	inTLS := s.client.Transport.(*http.Transport).TLSHandshakeTimeout
	if s.timeout != 5*time.Second || s.dialer.Timeout+inTLS > s.timeout-time.Second || s.dialer.Timeout <= 0 || inTLS <= 0 {
		t.Errorf("connect %s, TLS %s, in all %s", s.dialer.Timeout, inTLS, s.timeout)
	}
}

func TestSender_GoneSaysWhomToAsk(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }))
	t.Cleanup(server.Close)
	r := toLoopback(t, server.URL, false).Send(t.Context(), "msg_1", nil)
	const want = "the receiver answered HTTP 410: it wants no more events; ask Fibonacci's operators for the address that took its place"
	if r.failure == nil || r.failure.message != want || r.failure.cause != lead.CauseHTTP {
		t.Errorf("%+v, want %q", r.failure, want)
	}
}

func TestSender_RecordsRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 500, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "30": 30 * time.Second, "0": 0, "-1": 0, "9999": 9999 * time.Second, "99999999999": 24 * time.Hour, "999999999999999999999": 0,
		"soon": 0, "1m1": 0, "1.5": 0, "Sat, 21 Nov 2026 12:01:00 GMT": 59 * time.Second, "Sat, 21 Nov 2026 11:00:00 GMT": 0, "Sat, 21 Nov 2099 11:00:00 GMT": 24 * time.Hour,
	} {
		if got := parseRetryAfter(header, now); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

func TestNewSender_RefusesTargets(t *testing.T) {
	t.Parallel()
	good := fixed(secret('a'))
	tests := map[string]Target{
		"no URL":                  {Secrets: good},
		"a path":                  {URL: "/hook", Secrets: good},
		"another scheme":          {URL: "ftp://example.com/", Secrets: good, Private: true},
		"plain HTTP":              {URL: "http://example.com/", Secrets: good},
		"a user":                  {URL: "https://user:pass@example.com/", Secrets: good},
		"a fragment":              {URL: "https://example.com/#x", Secrets: good},
		"port 22":                 {URL: "https://example.com:22/", Secrets: good},
		"too long":                {URL: "https://example.com/" + strings.Repeat("a", 2048), Secrets: good},
		"no secrets":              {URL: "https://example.com/"},
		"no secret":               {URL: "https://example.com/", Secrets: fixed()},
		"three secrets":           {URL: "https://example.com/", Secrets: fixed(secret('a'), secret('b'), secret('c'))},
		"a secret without prefix": {URL: "https://example.com/", Secrets: fixed(strings.TrimPrefix(secret('a'), "whsec_"))},
		"a short secret":          {URL: "https://example.com/", Secrets: fixed("whsec_c2hvcnQ=")},
		"a secret of no base64":   {URL: "https://example.com/", Secrets: fixed("whsec_" + strings.Repeat("*", 40))},
		"an empty second secret":  {URL: "https://example.com/", Secrets: fixed(secret('a'), "")},
	}
	for name, target := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := NewSender(target, time.Now)
			if err == nil {
				t.Fatal("accepted")
			}
			private := []string{"pass"}
			if target.Secrets != nil {
				secrets, _ := target.Secrets()
				private = append(private, secrets...)
			}
			for _, private := range private {
				if private != "" && strings.Contains(err.Error(), private) {
					t.Errorf("the error quotes a secret: %v", err)
				}
			}
		})
	}
	for _, url := range []string{"https://example.com/hook", "https://example.com:8443/", "https://[2606:4700::1111]/"} {
		if _, err := NewSender(Target{URL: url, Secrets: good}, time.Now); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}
