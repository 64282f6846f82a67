package deliver

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"testing"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

func TestProgress_BlamesWhatTheTimeWasUsedUpBy(t *testing.T) {
	t.Parallel()
	const get, connect, secure, got = "get", "connect", "secure", "got"
	for name, row := range map[string]struct {
		hooks []string
		want  lead.Cause
	}{
		"no address":    {[]string{get}, lead.CauseDNS},
		"no connection": {[]string{get, connect, connect}, lead.CauseTimeoutConnect},
		"no handshake":  {[]string{get, connect, secure}, lead.CauseTimeoutTLS},
		"the second address while the first secures": {[]string{get, connect, secure, connect}, lead.CauseTimeoutTLS},
		"no answer":                             {[]string{get, connect, secure, got}, lead.CauseTimeoutAnswer},
		"a kept connection":                     {[]string{get, got}, lead.CauseTimeoutAnswer},
		"a dial that lost to a kept connection": {[]string{get, got, connect, secure}, lead.CauseTimeoutAnswer},
		"a kept connection that was dead":       {[]string{get, got, get, connect}, lead.CauseTimeoutConnect},
	} {
		var way progress
		trace := httptrace.ContextClientTrace(way.trace(context.Background()))
		for _, hook := range row.hooks {
			switch hook {
			case get:
				trace.GetConn("receiver.test:443")
			case connect:
				trace.ConnectStart("tcp", "93.184.215.14:443")
			case secure:
				trace.TLSHandshakeStart()
			case got:
				trace.GotConn(httptrace.GotConnInfo{})
			}
		}
		if got, _ := way.timeout(); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

// Whether net/http tells what ended a connection in HTTP/2 or only that it did is
// a matter of moments. Neither is a fault of the answer.
func TestSender_BlamesNoAnswerForATLSAlertInHTTP2(t *testing.T) {
	t.Parallel()
	address := refusingTLS(t, &tls.Config{MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAnyClientCert, NextProtos: []string{"h2"}})
	s := toLoopback(t, address, false)
	s.client.Transport.(*http.Transport).TLSClientConfig.InsecureSkipVerify = true
	for range 50 {
		r := s.Send(t.Context(), "msg_1", nil)
		if r.failure == nil || r.failure.cause != lead.CauseTLS && r.failure.cause != lead.CauseReset {
			t.Fatalf("%+v", r.failure)
		}
	}
	// The rarer of the two, should it not have come.
	var way progress
	way.reach(waiting)
	if f := way.failure(&url.Error{Op: "Post", URL: address, Err: errors.New("http2: client conn could not be established")}); f.cause != lead.CauseReset {
		t.Errorf("%+v", f)
	}
}
