package receiver

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// maxHeader bounds what is read of an answer. Its body is not read: the sender
// judges by the status alone.
const maxHeader = 16 << 10

var errAddress = errors.New("plain http to an address that is not on this machine")

func parseURL(target Target) (*url.URL, error) {
	u, err := url.Parse(target.URL)
	switch {
	case err != nil || u.Hostname() == "" || len(target.URL) > 2048:
		return nil, errors.New("the URL is not one of at most 2048 bytes, such as https://example.com/webhooks")
	case u.User != nil || u.Fragment != "":
		return nil, errors.New("the URL has a user or a fragment: webhooks are sent without")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("the URL begins with neither https:// nor http://")
	case u.Scheme == "http" && !target.Private && !loopback(u.Hostname()):
		return nil, errors.New("plain http is for receivers on this machine: use https, as deliveries do, or allow private addresses for a receiver on your own network")
	}
	return u, nil
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.Unmap().IsLoopback()
}

// newClient makes a connection for each request, as deliveries that lie apart
// do. It follows no redirect and asks no proxy, as the sender.
func newClient(u *url.URL, private bool) *http.Client {
	dialer := &net.Dialer{}
	if u.Scheme == "http" {
		dialer.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if a := at.Addr().Unmap(); err != nil || !a.IsLoopback() && (!private || !a.IsPrivate()) {
				return errAddress
			}
			return nil
		}
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2:      true,
			DisableCompression:     true,
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: maxHeader,
		},
	}
}

// post sends one request and takes the time until the head of the answer is
// there.
func (r *run) post(ctx context.Context, h http.Header, body []byte) Answer {
	ctx, cancel := context.WithTimeout(ctx, r.options.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url.String(), bytes.NewReader(body))
	if err != nil {
		return Answer{Problem: "the request could not be made", fix: "Check the URL."}
	}
	request.Header = h
	begun := r.options.Now()
	response, err := r.client.Do(request)
	a := Answer{took: r.options.Now().Sub(begun)}
	a.MS = a.took.Milliseconds()
	if err != nil {
		a.late = errors.Is(err, context.DeadlineExceeded)
		a.Problem, a.fix = problem(err, r.options.Timeout)
		return a
	}
	_ = response.Body.Close() // its status is all
	a.Status = response.StatusCode
	return a
}

// problem says why there was no answer, and what to do. The text of the error
// may quote what a stranger sent.
func problem(err error, timeout time.Duration) (what, fix string) {
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		operation *net.OpError
	)
	switch {
	case errors.Is(err, errAddress):
		return "the name stands for an address to which plain http is not sent", "Use https."
	case errors.As(err, &dns):
		return "the host name could not be resolved", "Check the host name, and that this machine resolves it."
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused", "Start the receiver, or check host and port."
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("no answer within %s", timeout), "See that the receiver runs, and that no firewall drops what is sent to it."
	case errors.As(err, &authority):
		return "its certificate is of an authority that is not trusted", "Serve a certificate of a public authority, with the intermediate ones; SSL_CERT_FILE names an authority of your own to this command."
	case errors.As(err, &hostname):
		return "its certificate is for another host name", "Serve a certificate for the host name of the URL."
	case errors.As(err, &invalid):
		return "its certificate is expired or not valid", "Renew the certificate."
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "it does not speak TLS on this port", "Use the port that serves https."
	case errors.As(err, &operation) && operation.Op == "remote error":
		return "it ended the TLS handshake", "Let it speak TLS 1.2 or 1.3."
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed before an answer", "Look into the log of the receiver, and of the proxy before it, for what ends the connection."
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no route to its address", "Check the address, and the network of this machine."
	}
	return "what came back is not an answer in HTTP", "See that a web server listens at this host and port."
}
