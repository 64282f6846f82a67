package deliver

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// Bounds of one attempt.
const (
	timeout        = 5 * time.Second // from resolving the name to the last byte read
	connectTimeout = 2 * time.Second // of that, to resolve and connect
	tlsTimeout     = 2 * time.Second // of that, to agree on TLS
	maxRead        = 64 << 10        // of the answer
	maxHeader      = 16 << 10        // of the answer
)

// Target is where events go. The zero value of a field is the strict choice.
type Target struct {
	URL string
	// Secrets gives the secrets in force, and is asked anew for every attempt. Each
	// makes its own signature: two while a secret rotates, the new one first.
	// "whsec_" and 24 to 64 bytes in base64.
	Secrets func() ([]string, error)
	// Private allows addresses of private networks and loopback, any port, and
	// plain HTTP to loopback.
	Private bool
}

// Sender signs and sends. It is safe for concurrent use.
type Sender struct {
	client  *http.Client
	dialer  *net.Dialer // tests give it a resolver
	url     string
	secrets func() ([]string, error)
	now     func() time.Time
	timeout time.Duration
}

// NewSender refuses a target that no event may be sent to: see Target. The
// address behind a host name is judged again at every connection.
func NewSender(target Target, now func() time.Time) (*Sender, error) {
	u, err := parseTarget(target)
	if err != nil {
		return nil, err
	}
	if target.Secrets == nil {
		return nil, errors.New("webhook secrets: none given")
	}
	s := &Sender{url: u.String(), secrets: target.Secrets, now: now, timeout: timeout}
	if _, err := s.signers(); err != nil {
		return nil, err
	}
	s.dialer = &net.Dialer{Timeout: connectTimeout, ControlContext: newGuard(target, u.Scheme == "http").control}
	s.client = &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy would choose the address in our place
			DialContext:            s.dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    tlsTimeout,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true, // what is read is what was sent: no bombs
			MaxResponseHeaderBytes: maxHeader,
			IdleConnTimeout:        10 * time.Second,
		},
	}
	return s, nil
}

// signers are those of the secrets in force now.
func (s *Sender) signers() ([]*standardwebhooks.Webhook, error) {
	secrets, err := s.secrets()
	if err != nil {
		return nil, fmt.Errorf("webhook secrets: %w", err)
	}
	if n := len(secrets); n < 1 || n > 2 {
		return nil, fmt.Errorf("webhook secrets: %d given, want one, or two while they rotate", n)
	}
	signers := make([]*standardwebhooks.Webhook, len(secrets))
	for i, secret := range secrets {
		if signers[i], err = newSigner(secret); err != nil {
			return nil, fmt.Errorf("webhook secret %d: %w", i+1, err)
		}
	}
	return signers, nil
}

func newSigner(secret string) (*standardwebhooks.Webhook, error) {
	encoded, ok := strings.CutPrefix(secret, "whsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, errors.New(`want "whsec_" and 24 to 64 bytes in base64`)
	}
	return standardwebhooks.NewWebhookRaw(key)
}

func parseTarget(target Target) (*url.URL, error) {
	u, err := url.Parse(target.URL)
	switch {
	case err != nil || u.Host == "" || len(target.URL) > 2048:
		return nil, errors.New("webhook URL: not a URL of at most 2048 bytes")
	case u.User != nil || u.Fragment != "":
		return nil, errors.New("webhook URL: has a user or a fragment")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("webhook URL: want https")
	case u.Scheme == "http" && !target.Private:
		return nil, errors.New("webhook URL: want https, plain http is for loopback only")
	case !target.Private && u.Port() != "" && u.Port() != "443" && u.Port() != "8443":
		return nil, errors.New("webhook URL: want port 443 or 8443")
	}
	return u, nil
}

// reply is what became of one attempt.
type reply struct {
	status     int
	answer     []byte // as it came: it may quote the event
	retryAfter time.Duration
	failure    *failure // nil: delivered
}

// Send makes one attempt, five seconds at most. The bytes of body are sent and
// signed as they are.
func (s *Sender) Send(ctx context.Context, id string, body []byte) reply {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	signers, err := s.signers()
	if err != nil {
		// As after an outage of the receiver: the next attempt may find them.
		return reply{failure: &failure{kind: lead.ErrFibonacciUnavailable, cause: lead.CauseSecret, message: "no secret to sign with could be read"}}
	}
	var way progress
	request, err := s.request(way.trace(ctx), signers, id, body)
	if err != nil {
		return reply{failure: &failure{kind: lead.ErrFibonacciRejected, cause: lead.CauseConnection, message: "the request could not be made"}}
	}
	response, err := s.client.Do(request)
	if err != nil {
		return reply{failure: way.failure(err)}
	}
	defer func() { _ = response.Body.Close() }() // nothing is lost: the answer is judged by its status
	// A body that breaks off or never ends changes nothing, for the same reason.
	answer, _ := io.ReadAll(io.LimitReader(response.Body, maxRead))
	return reply{
		status:     response.StatusCode,
		answer:     answer,
		retryAfter: parseRetryAfter(response.Header.Get("Retry-After"), s.now()),
		failure:    statusFailure(response.StatusCode),
	}
}

func (s *Sender) request(ctx context.Context, signers []*standardwebhooks.Webhook, id string, body []byte) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	at := s.now()
	signatures := make([]string, 0, len(signers))
	for _, signer := range signers {
		signature, err := signer.Sign(id, at, body)
		if err != nil {
			return nil, err
		}
		signatures = append(signatures, signature)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Nigredo/1")
	request.Header.Set(standardwebhooks.HeaderWebhookID, id)
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return request, nil
}

func statusFailure(status int) *failure {
	f := &failure{cause: lead.CauseHTTP, status: status, message: fmt.Sprintf("the receiver answered HTTP %d", status)}
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusTooManyRequests:
		f.kind = lead.ErrFibonacciThrottled
	case status == http.StatusRequestTimeout || status >= 500:
		f.kind = lead.ErrFibonacciUnavailable
	case status >= 300 && status < 400:
		f.kind = lead.ErrFibonacciRejected
		f.message += ", a redirect, which is not followed"
	case status == http.StatusGone:
		f.kind = lead.ErrFibonacciRejected
		f.message += ": it wants no more events; ask Fibonacci's operators for the address that took its place"
	default:
		f.kind = lead.ErrFibonacciRejected
	}
	return f
}

// parseRetryAfter reads the header Retry-After, seconds or a date (RFC 9110,
// section 10.2.3). What is neither, or past, counts as nothing; what is further
// away than a day as a day.
func parseRetryAfter(header string, now time.Time) time.Duration {
	const most = 24 * time.Hour
	if seconds, err := strconv.Atoi(header); err == nil {
		return time.Duration(min(max(seconds, 0), int(most/time.Second))) * time.Second
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now).Truncate(time.Second), 0), most)
}
