package task

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/jackc/pgx/v5/pgconn"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// setup gives an environment whose clock stands at noon, and what it writes.
func setup() (Env, *bytes.Buffer) {
	var out bytes.Buffer
	return NewEnv(&out, func() time.Time { return noon }), &out
}

// lines decodes what was written, one object a line.
func lines(t *testing.T, out *bytes.Buffer) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(out.String()) {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatalf("%q is not a JSON line: %v", line, err)
		}
		all = append(all, object)
	}
	return all
}

type input struct {
	LeadID string `json:"leadId"`
	Count  int    `json:"count"`
}

func (in input) Check() error {
	if in.Count < 0 {
		return errors.New("count is negative")
	}
	return nil
}

func (in input) Subject() []zap.Field { return []zap.Field{zap.String("lead_id", in.LeadID)} }

func failing(err error) func(context.Context, input) (string, error) {
	return func(context.Context, input) (string, error) { return "", err }
}

func invokeError(t *testing.T, h lambda.Handler, payload string) messages.InvokeResponse_Error {
	t.Helper()
	out, err := h.Invoke(t.Context(), []byte(payload))
	adapted, ok := err.(messages.InvokeResponse_Error) //nolint:errorlint // Lambda looks for the value itself
	if !ok || out != nil {
		t.Fatalf("Invoke gave %s and %#v, want an InvokeResponse_Error by value", out, err)
	}
	return adapted
}

func TestHandler_GivesTheResultAsJSON(t *testing.T) {
	t.Parallel()
	env, out := setup()
	h := New(env.For("count", ""), func(_ context.Context, in input) (map[string]int, error) {
		return map[string]int{"count": in.Count + 1}, nil
	})
	got, err := h.Invoke(t.Context(), []byte(`{"leadId":"x","count":1}`))
	if err != nil || string(got) != `{"count":2}` || out.Len() != 0 {
		t.Errorf("%s, %v, log %s", got, err, out)
	}
}

func TestHandler_RefusesPayloadsOutsideItsContract(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{
		"", "x", "[]", `"text"`, `{"count":"one"}`, `{"count":1.5}`, `{"secret-marker":1}`, `{} {}`, `{}x`, `{"count":-1}`, `{"count":1`,
	} {
		t.Run(payload, func(t *testing.T) {
			t.Parallel()
			env, out := setup()
			ran := false
			h := New(env.For("count", ""), func(context.Context, input) (int, error) { ran = true; return 0, nil })
			if got := invokeError(t, h, payload); got.Type != "Lead.Invalid" || ran {
				t.Errorf("%+v, ran %v", got, ran)
			}
			if strings.Contains(out.String(), "secret-marker") {
				t.Errorf("the log quotes the payload: %s", out)
			}
		})
	}
}

func TestEvent_LetsUnknownFieldsPass(t *testing.T) {
	t.Parallel()
	env, _ := setup()
	h := Event(env.For("track", ""), func(_ context.Context, in input) (int, error) { return in.Count, nil })
	if got, err := h.Invoke(t.Context(), []byte(`{"count":3,"new in AWS":{}}`)); err != nil || string(got) != "3" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestHandler_ReportsAPanicWithoutItsValue(t *testing.T) {
	t.Parallel()
	env, out := setup()
	h := New(env.For("count", "POST /api/leads"), func(_ context.Context, in input) (int, error) {
		panic(fmt.Errorf("marker-%s", in.LeadID))
	})
	got := invokeError(t, h, `{"leadId":"ana@example.com"}`)
	if got.Type != Failed || !got.ShouldExit || got.Message != textPanicked {
		t.Errorf("%+v", got)
	}
	if strings.Contains(out.String(), "marker") || strings.Contains(out.String(), "ana@") {
		t.Errorf("the log quotes the panic: %s", out)
	}
	log := lines(t, out)
	if len(log) != 2 || log[0]["level"] != "ERROR" || !strings.Contains(log[0]["stack"].(string), "handler_test.go") || log[1]["ApiErrors"] != 1.0 {
		t.Errorf("log %v", log)
	}
}

func TestHandler_LogsAFailureOnceWithItsFields(t *testing.T) {
	t.Parallel()
	secret := &pgconn.PgError{Code: "23505", Message: "duplicate key", Detail: "Key (email)=(ana@example.com) already exists.", Hint: "ana"}
	tests := []struct {
		name, wantLevel, wantName string
		err                       error
		counted                   bool
	}{
		{"database away", "ERROR", "Database.Unavailable", In("persist lead", fmt.Errorf("%w: %w", lead.ErrDatabaseUnavailable, secret)), true},
		{"defect", "ERROR", Failed, In("persist lead", secret), true},
		{"in the course of the day", "INFO", "Lead.Running", In("persist lead", lead.ErrRunning), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env, out := setup()
			if got := invokeError(t, New(env.For("persist", "POST /api/leads"), failing(tt.err)), `{"leadId":"0192"}`); got.Type != tt.wantName {
				t.Errorf("%+v", got)
			}
			if strings.Contains(out.String(), "ana") {
				t.Errorf("the log quotes the database: %s", out)
			}
			log := lines(t, out)
			entry := log[0]
			text, _ := entry["error_message"].(string)
			if entry["level"] != tt.wantLevel || entry["error"] != tt.wantName || entry["activity"] != "persist" ||
				entry["lead_id"] != "0192" || entry["operation"] != "persist lead" || text == "" || entry["time"] != "2026-11-21T12:00:00Z" {
				t.Errorf("entry %v", entry)
			}
			if counted := len(log) == 2 && log[1]["ApiErrors"] == 1.0; counted != tt.counted {
				t.Errorf("counted as an API error: %v, want %v", counted, tt.counted)
			}
		})
	}
}

func TestHandler_ReportsAResultThatIsNoJSON(t *testing.T) {
	t.Parallel()
	env, _ := setup()
	h := New(env.For("count", ""), func(context.Context, input) (any, error) { return func() {}, nil })
	if got := invokeError(t, h, `{}`); got.Type != Failed {
		t.Errorf("%+v", got)
	}
}

type statusError struct{ status int }

func (e statusError) Error() string   { return "the receiver said: ana@example.com" }
func (e statusError) HTTPStatus() int { return e.status }

func TestAdapt_NamesEveryErrorHoweverWrapped(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, known := range lead.Errors() {
		for depth, err := range []error{
			known,
			fmt.Errorf("one: %w", known),
			fmt.Errorf("two: %w", In("step", fmt.Errorf("one: %w", known))),
			errors.Join(errors.New("beside"), known),
			fmt.Errorf("%w: %w", known, statusError{503}),
		} {
			got := adapt(err)
			if got.Type != known.Error() || got.ShouldExit || got.StackTrace != nil {
				t.Errorf("%s at depth %d: %+v", known, depth, got)
			}
			if !strings.HasPrefix(got.Message, text(known.Error())) || strings.Contains(got.Message, "ana") {
				t.Errorf("%s at depth %d says %q", known, depth, got.Message)
			}
		}
		words := text(known.Error())
		if words == textFailed || seen[words] {
			t.Errorf("%s has no words of its own: %q", known, words)
		}
		seen[words] = true
	}
}

func TestAdapt_ShowsCodesAndNothingElse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  error
		want string
	}{
		{errors.New("ana@example.com"), textFailed},
		{&pgconn.PgError{Code: "40001", Message: "ana", Detail: "ana"}, textFailed + " (SQLSTATE 40001)"},
		{&pgconn.PgError{Code: "an'a", Message: "ana"}, textFailed},
		{fmt.Errorf("%w: %w", lead.ErrFibonacciRejected, statusError{422}), text("Fibonacci.Rejected") + " (HTTP 422)"},
		{fmt.Errorf("%w: %w", lead.ErrFibonacciUnavailable, statusError{0}), text("Fibonacci.Unavailable")},
		{context.DeadlineExceeded, textFailed},
	}
	for _, tt := range tests {
		if got := adapt(tt.err); got.Message != tt.want {
			t.Errorf("adapt(%T) says %q, want %q", tt.err, got.Message, tt.want)
		}
	}
}

func TestIn_KeepsNilAndTheError(t *testing.T) {
	t.Parallel()
	if In("step", nil) != nil {
		t.Error("a nil error became one")
	}
	if err := In("step", lead.ErrRunning); !errors.Is(err, lead.ErrRunning) || err.Error() != "step: Lead.Running" {
		t.Error(err)
	}
}
