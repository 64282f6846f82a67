package sfn

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// maxBody is the service's quota for one API request.
const maxBody = 1 << 20

const (
	contentType  = "application/x-amz-json-1.0"
	targetPrefix = "AWSStepFunctions."
)

// Engine is what the API asks of an engine. Every refusal of the API comes back
// as an *engine.APIError; any other error is a fault.
type Engine interface {
	CreateStateMachine(ctx context.Context, in engine.CreateInput) (engine.StateMachine, error)
	UpdateStateMachine(ctx context.Context, in engine.UpdateInput) (engine.UpdateOutput, error)
	DeleteStateMachine(ctx context.Context, in engine.DeleteMachineInput) error
	ValidateStateMachineDefinition(ctx context.Context, in engine.ValidateInput) (engine.ValidateOutput, error)
	DescribeStateMachine(ctx context.Context, in engine.DescribeMachineInput) (engine.StateMachine, error)
	DescribeStateMachineForExecution(ctx context.Context, in engine.DescribeInput) (engine.StateMachine, error)
	ListStateMachines(ctx context.Context, in engine.ListMachinesInput) (engine.ListMachinesOutput, error)

	StartExecution(ctx context.Context, in engine.StartInput) (engine.StartOutput, error)
	// StartSyncExecution runs to the execution's end even when ctx is cancelled
	// before: the service does not stop an execution whose caller went away.
	StartSyncExecution(ctx context.Context, in engine.StartInput) (engine.SyncOutput, error)
	StopExecution(ctx context.Context, in engine.StopInput) (engine.StopOutput, error)
	RedriveExecution(ctx context.Context, in engine.RedriveInput) (engine.RedriveOutput, error)

	DescribeExecution(ctx context.Context, in engine.DescribeInput) (engine.Execution, error)
	ListExecutions(ctx context.Context, in engine.ListInput) (engine.ListOutput, error)
	GetExecutionHistory(ctx context.Context, in engine.HistoryInput) (engine.HistoryOutput, error)
}

// Handler serves the API.
type Handler struct {
	engine     Engine
	log        *zap.Logger
	operations map[string]operation
}

// operation reads its members from the request, which records every fault of
// theirs, and gives the answer to be encoded.
type operation func(ctx context.Context, r *request) (any, error)

// New gives a handler over e. Faults go to log; requests are not logged, because
// their inputs may hold personal data.
func New(e Engine, log *zap.Logger) *Handler {
	h := &Handler{engine: e, log: log}
	h.operations = map[string]operation{
		"CreateStateMachine":               h.createStateMachine,
		"UpdateStateMachine":               h.updateStateMachine,
		"DeleteStateMachine":               h.deleteStateMachine,
		"ValidateStateMachineDefinition":   h.validateStateMachineDefinition,
		"DescribeStateMachine":             h.describeStateMachine,
		"DescribeStateMachineForExecution": h.describeStateMachineForExecution,
		"ListStateMachines":                h.listStateMachines,
		"StartExecution":                   h.startExecution,
		"StartSyncExecution":               h.startSyncExecution,
		"StopExecution":                    h.stopExecution,
		"RedriveExecution":                 h.redriveExecution,
		"DescribeExecution":                h.describeExecution,
		"ListExecutions":                   h.listExecutions,
		"GetExecutionHistory":              h.getExecutionHistory,
	}
	return h
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	id := uuid.NewString()
	w.Header().Set("X-Amzn-Requestid", id)

	out, err := h.serve(w, req)
	if err != nil {
		h.fail(w, id, req.Header.Get("X-Amz-Target"), err)
		return
	}
	h.write(w, id, http.StatusOK, out)
}

func (h *Handler) serve(w http.ResponseWriter, req *http.Request) (any, error) {
	if err := admit(req); err != nil {
		return nil, err
	}
	name, ok := strings.CutPrefix(req.Header.Get("X-Amz-Target"), targetPrefix)
	run := h.operations[name]
	if !ok || run == nil {
		return nil, unknownOperation(name)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, &wireError{
			status: http.StatusRequestEntityTooLarge, kind: "RequestEntityTooLargeException", namespace: coralService,
			message: "the request is larger than 1048576 bytes",
		}
	}
	if err != nil {
		return nil, serialization("the request could not be read")
	}
	r, err := decode(body)
	if err != nil {
		return nil, err
	}
	r.traceID = req.Header.Get("X-Amzn-Trace-Id")
	return run(req.Context(), r)
}

func (h *Handler) fail(w http.ResponseWriter, id, target string, err error) {
	wire := toWire(err)
	if wire.status == http.StatusInternalServerError {
		h.log.Error("StepFunctions: request failed",
			zap.String("request_id", id), zap.String("operation", target), zap.NamedError("error_message", err))
	}
	h.write(w, id, wire.status, wire.body())
}

func (h *Handler) write(w http.ResponseWriter, id string, status int, out any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(out); err != nil {
		h.log.Error("StepFunctions: answer could not be encoded", zap.String("request_id", id), zap.NamedError("error_message", err))
		status = http.StatusInternalServerError
		body.Reset()
		body.WriteString(`{"__type":"` + coralService + `#InternalFailure"}`)
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	// A caller that went away has no use for the error, and nobody else has.
	_, _ = w.Write(body.Bytes())
}
