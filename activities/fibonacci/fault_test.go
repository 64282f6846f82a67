package fibonacci

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/activities/task"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// behind is what stands behind a dial: it answers 204 and counts.
type behind struct{ taken []string }

func (b *behind) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.taken = append(b.taken, string(body))
	w.WriteHeader(http.StatusNoContent)
}

// dialed serves a fault until one minute past noon, at a clock that stands.
func dialed(t *testing.T, fault Fault, now time.Time) (url string, b *behind) {
	t.Helper()
	if fault != (Fault{}) {
		fault.Until = noon.Add(time.Minute)
		fault.Share = 1
		if err := fault.Check(); err != nil {
			t.Fatal(err)
		}
	}
	b = &behind{}
	server := httptest.NewServer(Dial(task.NewEnv(io.Discard, func() time.Time { return now }), func() Fault { return fault }, b))
	t.Cleanup(server.Close)
	return server.URL, b
}

// post gives status and Retry-After of the answer.
func post(url string) (status int, retryAfter string, err error) {
	response, err := http.Post(url, "application/json", strings.NewReader("event"))
	if err != nil {
		return 0, "", err
	}
	return response.StatusCode, response.Header.Get("Retry-After"), response.Body.Close()
}

func TestDial_AnswersInPlaceOfTheReceiver(t *testing.T) {
	t.Parallel()
	for _, status := range []int{101, 200, 301, 404, 410, 429, 500, 503, 599} {
		url, b := dialed(t, Fault{Status: status, RetryAfterSeconds: 30}, noon)
		got, retryAfter, err := post(url)
		if err != nil {
			t.Fatal(err)
		}
		if got != status || retryAfter != "30" || len(b.taken) != 0 {
			t.Errorf("%d: got %d, Retry-After %q, %d taken", status, got, retryAfter, len(b.taken))
		}
	}
}

// A server that says 103 and returns would go on to say 200.
func TestDial_InformationIsNeverFollowedByAnAnswer(t *testing.T) {
	t.Parallel()
	for _, status := range []int{100, 102, 103} {
		url, b := dialed(t, Fault{Status: status}, noon)
		if got, _, err := post(url); err == nil || len(b.taken) != 0 {
			t.Errorf("%d: got %d, %d taken; want a connection that broke off", status, got, len(b.taken))
		}
	}
}

func TestDial_Resets(t *testing.T) {
	t.Parallel()
	url, b := dialed(t, Fault{Reset: true}, noon)
	if _, _, err := post(url); !errors.Is(err, syscall.ECONNRESET) || len(b.taken) != 0 {
		t.Errorf("got %v, %d taken", err, len(b.taken))
	}
}

func TestDial_WithoutAFaultTheReceiverAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault Fault
		now   time.Time
	}{
		"none set":     {Fault{}, noon},
		"over by now":  {Fault{Status: 503}, noon.Add(time.Minute)},
		"over for now": {Fault{Reset: true}, noon.Add(time.Hour)},
	} {
		url, b := dialed(t, test.fault, test.now)
		got, _, err := post(url)
		if err != nil || got != http.StatusNoContent || len(b.taken) != 1 || b.taken[0] != "event" {
			t.Errorf("%s: got %d, %v, taken %q", name, got, err, b.taken)
		}
	}
}

// slowly calls a slow dial inside a bubble, where time passes by itself.
func slowly(ctx context.Context, fault Fault, b *behind) (code int, took time.Duration) {
	fault.Share, fault.Until = 1, time.Now().Add(time.Minute)
	d := Dial(task.NewEnv(io.Discard, time.Now), func() Fault { return fault }, b)
	w := httptest.NewRecorder()
	started := time.Now()
	func() {
		defer func() {
			if recover() != nil {
				w.Code = 0
			}
		}()
		d.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader("event")))
	}()
	return w.Code, time.Since(started)
}

func TestDial_Slow(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault    Fault
		patience time.Duration
		code     int
		took     time.Duration
		taken    int
	}{
		"and then does its work":            {Fault{SlowMilliseconds: 8000}, time.Minute, http.StatusNoContent, 8 * time.Second, 1},
		"and then fails":                    {Fault{SlowMilliseconds: 8000, Status: 500}, time.Minute, 500, 8 * time.Second, 0},
		"takes nothing of who went away":    {Fault{SlowMilliseconds: 8000}, 5 * time.Second, 0, 5 * time.Second, 0},
		"and a status that nobody receives": {Fault{SlowMilliseconds: 8000, Status: 500}, 5 * time.Second, 0, 5 * time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.patience)
				defer cancel()
				b := &behind{}
				code, took := slowly(ctx, test.fault, b)
				if code != test.code || took != test.took || len(b.taken) != test.taken {
					t.Errorf("got %d after %s, %d taken; want %d after %s, %d taken", code, took, len(b.taken), test.code, test.took, test.taken)
				}
			})
		})
	}
}

// A caller on a real connection: the server has to notice that it went away.
func TestDial_SlowTakesNothingOfACallerWhoHungUp(t *testing.T) {
	t.Parallel()
	fault := Fault{SlowMilliseconds: 30_000, Share: 1, Until: noon.Add(time.Hour)}
	reached, left := make(chan struct{}), make(chan struct{})
	b := &behind{}
	d := Dial(task.NewEnv(io.Discard, func() time.Time { return noon }), func() Fault { close(reached); return fault }, b)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(left)
		d.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-reached; cancel() }()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader("event"))
	if err != nil {
		t.Fatal(err)
	}
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
		t.Error("the call was answered")
	}
	<-left // or the test times out
	if len(b.taken) != 0 {
		t.Error("the event was taken")
	}
}

func TestFault_ShareIsOfEventsAndTheSameAtEachTry(t *testing.T) {
	t.Parallel()
	for _, share := range []float64{0.01, 0.3, 0.9, 1} {
		fault := Fault{Status: 503, Share: share, Until: noon}
		met := 0
		for i := range 10_000 {
			id := fmt.Sprintf("msg_0198c1a2-0000-7000-8000-%012d", i)
			first, again := fault.meets(id, noon.Add(-time.Hour)), fault.meets(id, noon.Add(-time.Second))
			if first != again {
				t.Fatalf("%s meets the fault once and then not", id)
			}
			if first {
				met++
			}
		}
		if got := float64(met) / 10_000; math.Abs(got-share) > 0.02 {
			t.Errorf("%v of the events meet it; want %v", got, share)
		}
	}
}

func TestFault_RefusesNonsense(t *testing.T) {
	t.Parallel()
	for _, f := range []Fault{
		{},
		{Share: 1},
		{Share: 1, Status: 99},
		{Share: 1, Status: 600},
		{Share: 1, Status: -1},
		{Share: 1, Status: 503, Reset: true},
		{Share: 1, RetryAfterSeconds: 30},
		{Share: 1, Reset: true, RetryAfterSeconds: 30},
		{Share: 1, Status: 503, RetryAfterSeconds: -1},
		{Share: 1, Status: 503, RetryAfterSeconds: 86_401},
		{Share: 1, SlowMilliseconds: -1},
		{Share: 1, SlowMilliseconds: 30_001},
		{Share: 0, Status: 503},
		{Share: -0.1, Status: 503},
		{Share: 1.1, Status: 503},
		{Share: math.NaN(), Status: 503},
	} {
		if f.Check() == nil {
			t.Errorf("%+v was taken", f)
		}
	}
}
