package sfn

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// fake is an engine that gives prepared answers and keeps what it was asked.
type fake struct {
	err   error // every operation's, when set
	asked []any

	machine   engine.StateMachine
	updated   engine.UpdateOutput
	validated engine.ValidateOutput
	machines  engine.ListMachinesOutput
	started   engine.StartOutput
	ran       engine.SyncOutput
	stopped   engine.StopOutput
	redriven  engine.RedriveOutput
	execution engine.Execution
	listed    engine.ListOutput
	history   engine.HistoryOutput
}

func ask[T any](f *fake, in any, out T) (T, error) {
	f.asked = append(f.asked, in)
	return out, f.err
}

func (f *fake) CreateStateMachine(_ context.Context, in engine.CreateInput) (engine.StateMachine, error) {
	return ask(f, in, f.machine)
}

func (f *fake) DescribeStateMachine(_ context.Context, in engine.DescribeMachineInput) (engine.StateMachine, error) {
	return ask(f, in, f.machine)
}

func (f *fake) UpdateStateMachine(_ context.Context, in engine.UpdateInput) (engine.UpdateOutput, error) {
	return ask(f, in, f.updated)
}

func (f *fake) DeleteStateMachine(_ context.Context, in engine.DeleteMachineInput) error {
	_, err := ask(f, in, struct{}{})
	return err
}

func (f *fake) ValidateStateMachineDefinition(_ context.Context, in engine.ValidateInput) (engine.ValidateOutput, error) {
	return ask(f, in, f.validated)
}

func (f *fake) DescribeStateMachineForExecution(_ context.Context, in engine.DescribeInput) (engine.StateMachine, error) {
	return ask(f, in, f.machine)
}

func (f *fake) ListStateMachines(_ context.Context, in engine.ListMachinesInput) (engine.ListMachinesOutput, error) {
	return ask(f, in, f.machines)
}

func (f *fake) StartExecution(_ context.Context, in engine.StartInput) (engine.StartOutput, error) {
	return ask(f, in, f.started)
}

func (f *fake) StartSyncExecution(_ context.Context, in engine.StartInput) (engine.SyncOutput, error) {
	return ask(f, in, f.ran)
}

func (f *fake) StopExecution(_ context.Context, in engine.StopInput) (engine.StopOutput, error) {
	return ask(f, in, f.stopped)
}

func (f *fake) RedriveExecution(_ context.Context, in engine.RedriveInput) (engine.RedriveOutput, error) {
	return ask(f, in, f.redriven)
}

func (f *fake) DescribeExecution(_ context.Context, in engine.DescribeInput) (engine.Execution, error) {
	return ask(f, in, f.execution)
}

func (f *fake) ListExecutions(_ context.Context, in engine.ListInput) (engine.ListOutput, error) {
	return ask(f, in, f.listed)
}

func (f *fake) GetExecutionHistory(_ context.Context, in engine.HistoryInput) (engine.HistoryOutput, error) {
	return ask(f, in, f.history)
}

const (
	machineARN   = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
	executionARN = "arn:aws:states:us-east-1:000000000000:execution:m:x"
	roleOfM      = "arn:aws:iam::000000000000:role/NigredoStack-local-m"
)

var (
	start = time.Date(2026, 11, 21, 12, 0, 0, 620_000_000, time.UTC)
	stop  = start.Add(1234 * time.Millisecond)
)

type testBundle struct {
	engine *fake
	log    *observer.ObservedLogs
	server http.Handler
}

func setup(*testing.T) *testBundle {
	core, log := observer.New(zapcore.DebugLevel)
	f := &fake{}
	return &testBundle{engine: f, log: log, server: New(f, zap.New(core))}
}

// request is a well-formed request of the protocol.
func newRequest(operation, body string) *http.Request {
	req := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8083/", bytes.NewBufferString(body))
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("X-Amz-Target", targetPrefix+operation)
	return req
}

func (b *testBundle) send(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	b.server.ServeHTTP(recorder, req)
	if got := recorder.Header().Get("Content-Type"); got != contentType {
		t.Errorf("content type of the answer: %q", got)
	}
	if recorder.Header().Get("x-amzn-RequestId") == "" {
		t.Error("the answer has no x-amzn-RequestId")
	}
	body := recorder.Body.Bytes()
	if !json.Valid(body) {
		t.Errorf("the answer is not JSON: %s", body)
	}
	return recorder.Code, string(bytes.TrimSpace(body))
}

func (b *testBundle) call(t *testing.T, operation, body string) (int, string) {
	t.Helper()
	return b.send(t, newRequest(operation, body))
}
