package fibonacci

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/task"
)

// The longest that Fault allows. A server of ours cuts an answer off after 35
// seconds; the sender gives up after five.
const (
	maxSlow       = 30 * time.Second
	maxRetryAfter = 24 * time.Hour
)

// Fault is a way in which the receiver is out of order, for demonstrations and
// tests. The zero value is none.
type Fault struct {
	// Status is answered in place of the receiver. One of 2xx loses the event: the
	// sender takes it for delivered.
	Status            int `json:"status,omitempty"`
	RetryAfterSeconds int `json:"retryAfterSeconds,omitempty"` // goes with Status
	// SlowMilliseconds go by first. Without Status and Reset the receiver then does
	// its work, if the caller is still there.
	SlowMilliseconds int64 `json:"slowMilliseconds,omitempty"`
	// Reset breaks the connection off without an answer.
	Reset bool `json:"reset,omitempty"`
	// Share of the events that meet the fault, above 0 and at most 1. An event
	// meets it at each try or never.
	Share float64   `json:"share"`
	Until time.Time `json:"until"`
}

// Check refuses a fault that does nothing or makes no sense.
func (f Fault) Check() error {
	retryAfter := time.Duration(f.RetryAfterSeconds) * time.Second
	slow := time.Duration(f.SlowMilliseconds) * time.Millisecond
	switch {
	case f.Status != 0 && (f.Status < 100 || f.Status > 599):
		return fmt.Errorf("status %d is not within 100 and 599", f.Status)
	case f.Status != 0 && f.Reset:
		return errors.New("a connection that is reset carries no status: choose one of the two")
	case slow < 0 || slow > maxSlow:
		return fmt.Errorf("slow is not within 0 and %s", maxSlow)
	case retryAfter < 0 || retryAfter > maxRetryAfter:
		return fmt.Errorf("retry-after is not within 0 and %d seconds", maxRetryAfter/time.Second)
	case f.RetryAfterSeconds != 0 && f.Status == 0:
		return errors.New("retry-after goes with a status")
	case f.Status == 0 && f.SlowMilliseconds == 0 && !f.Reset:
		return errors.New("nothing goes wrong: want a status, slow or reset")
	case !(f.Share > 0 && f.Share <= 1): // so that NaN is refused too
		return errors.New("share is not above 0 and at most 1")
	}
	return nil
}

// meets tells whether an event meets the fault now.
func (f Fault) meets(webhookID string, now time.Time) bool {
	if !now.Before(f.Until) {
		return false
	}
	hash := sha256.Sum256([]byte(webhookID))
	return float64(binary.BigEndian.Uint64(hash[:])>>11)/(1<<53) < f.Share
}

// Dial puts a fault in front of next, which verifies and takes nothing of what
// meets it. fault is asked for every request and gives the zero value for none.
func Dial(env task.Env, fault func() Fault, next http.Handler) http.Handler {
	return dial{env: env.For("fibonacci", ""), fault: fault, next: next}
}

type dial struct {
	env   task.Env
	fault func() Fault
	next  http.Handler
}

func (d dial) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault := d.fault()
	if !fault.meets(r.Header.Get(standardwebhooks.HeaderWebhookID), d.env.Now()) {
		d.next.ServeHTTP(w, r)
		return
	}
	d.env.Log.Info("Fibonacci: request meets the fault that is set",
		zap.Int("status_code", fault.Status), zap.Int64("slow_ms", fault.SlowMilliseconds), zap.Bool("reset", fault.Reset))
	pause(r, time.Duration(fault.SlowMilliseconds)*time.Millisecond)
	switch {
	case fault.Reset:
		reset(w)
	case fault.Status != 0:
		answer(w, fault)
	default:
		d.next.ServeHTTP(w, r)
	}
}

// pause lets some time go by. It does not return when the caller goes away: then
// nothing is taken.
func pause(r *http.Request, slow time.Duration) {
	if slow == 0 {
		return
	}
	// The server notices that a caller went away only once the body was read.
	read, _ := io.ReadAll(io.LimitReader(r.Body, maxBody+1)) // an error comes again at the next read
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(read), r.Body), r.Body}
	timer := time.NewTimer(slow)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

func answer(w http.ResponseWriter, fault Fault) {
	if fault.RetryAfterSeconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(fault.RetryAfterSeconds))
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(fault.Status)
	if fault.Status < http.StatusOK && fault.Status != http.StatusSwitchingProtocols {
		panic(http.ErrAbortHandler) // 200 would follow by itself
	}
	_, _ = io.WriteString(w, "The receiver is out of order on purpose: nigredo fibonacci fault shows how.\n") // the caller is gone
}

// reset makes the caller see "connection reset by peer".
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2: the stream is reset
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // else it is closed in good order
	}
	_ = conn.Close() // that was the point
}
