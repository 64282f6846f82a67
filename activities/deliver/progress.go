package deliver

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// progress is how far an attempt came. A timeout says only that time was up, so
// this says what for.
type progress struct{ stage atomic.Int32 }

const (
	resolving int32 = iota
	connecting
	securing
	waiting // for the answer
)

// trace follows the attempt. The transport may dial for it and use another
// connection that became idle meanwhile; such a dial cannot undo that the
// attempt has one.
func (p *progress) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:           func(string) { p.stage.Store(resolving) },
		ConnectStart:      func(string, string) { p.reach(connecting) },
		TLSHandshakeStart: func() { p.reach(securing) },
		GotConn:           func(httptrace.GotConnInfo) { p.stage.Store(waiting) },
	})
}

func (p *progress) reach(stage int32) {
	for at := p.stage.Load(); at < stage && !p.stage.CompareAndSwap(at, stage); at = p.stage.Load() {
		continue
	}
}

// failure says in words of ours why there was no answer: the text of the error
// itself may hold addresses and parts of what was received.
func (p *progress) failure(err error) *failure {
	f := &failure{kind: lead.ErrFibonacciUnavailable, cause: lead.CauseConnection, message: "the connection failed"}
	var blocked *blockedError
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var op *net.OpError
	var network net.Error
	switch {
	case errors.As(err, &blocked):
		f.kind, f.cause, f.message = lead.ErrFibonacciRejected, lead.CauseBlocked, blocked.Error()
	case errors.As(err, &dns) && !dns.IsTimeout:
		f.cause, f.message = lead.CauseDNS, "the host name could not be resolved"
	case errors.As(err, &network) && network.Timeout():
		f.cause, f.message = p.timeout()
	case errors.As(err, &certificate), errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch),
		errors.As(err, &op) && op.Op == "remote error": // a TLS alert, which may come when we hold the handshake for done
		f.cause, f.message = lead.CauseTLS, "TLS could not be agreed on or the certificate is not trusted"
	case errors.Is(err, syscall.ECONNREFUSED):
		f.cause, f.message = lead.CauseRefused, "the connection was refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), isStillborn(err):
		f.cause, f.message = lead.CauseReset, "the connection was closed before an answer"
	case p.stage.Load() == securing:
		f.cause, f.message = lead.CauseTLS, "TLS could not be agreed on or the certificate is not trusted"
	case p.stage.Load() == waiting && !isNetwork(err):
		f.cause, f.message = lead.CauseProtocol, "what came back is not an answer in HTTP"
	}
	return f
}

// timeout names what the time was used up by.
func (p *progress) timeout() (lead.Cause, string) {
	switch p.stage.Load() {
	case resolving:
		return lead.CauseDNS, "the name servers gave no address within 2 s"
	case connecting:
		return lead.CauseTimeoutConnect, "no connection within 2 s"
	case securing:
		return lead.CauseTimeoutTLS, "no TLS handshake within 2 s"
	}
	return lead.CauseTimeoutAnswer, "no answer within 5 s"
}

// isStillborn tells a connection in HTTP/2 that ended before its first request,
// after an alert or without. net/http has nothing but a text for it, and drops
// what ended it.
func isStillborn(err error) bool {
	return strings.HasSuffix(err.Error(), "http2: client conn could not be established")
}

// isNetwork tells a failed read or write from an answer that cannot be read,
// whose error net/http makes of nothing but text.
func isNetwork(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) || errors.Is(err, net.ErrClosed)
}
