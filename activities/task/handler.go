package task

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// Handler runs one activity: it is aws-lambda-go's lambda.Handler, and what the
// embedded engine calls in process.
type Handler struct {
	env  Env
	call func(ctx context.Context, payload []byte) (result any, subject []zap.Field, err error)
}

// Checked is implemented by inputs with rules that JSON types cannot say; an
// error makes the invocation fail with Lead.Invalid before the activity runs.
type Checked interface{ Check() error }

// Subject is implemented by inputs that name an execution or a lead: the fields
// stand on the line that reports a failure.
type Subject interface{ Subject() []zap.Field }

// New makes the handler of an activity with a payload of ours. Decoding is
// strict: an unknown field, a wrong type or anything after the value is
// Lead.Invalid. The result is encoded as JSON. env must come from Env.For.
func New[In, Out any](env Env, f func(context.Context, In) (Out, error)) *Handler {
	return handler(env, true, f)
}

// Event is New for payloads whose shape AWS owns: unknown fields are let pass.
func Event[In, Out any](env Env, f func(context.Context, In) (Out, error)) *Handler {
	return handler(env, false, f)
}

func handler[In, Out any](env Env, strict bool, f func(context.Context, In) (Out, error)) *Handler {
	return &Handler{env: env, call: func(ctx context.Context, payload []byte) (any, []zap.Field, error) {
		var in In
		if err := decode(payload, &in, strict); err != nil {
			return nil, nil, err
		}
		var subject []zap.Field
		if s, ok := any(in).(Subject); ok {
			subject = s.Subject()
		}
		if c, ok := any(in).(Checked); ok {
			if err := c.Check(); err != nil {
				return nil, subject, fmt.Errorf("%w: %w", lead.ErrInvalid, err)
			}
		}
		out, err := f(ctx, in)
		return out, subject, err
	}}
}

// Invoke runs the activity on one payload. An error is always a
// messages.InvokeResponse_Error by value, see adapt. A panic becomes one too; on
// Lambda the process then ends, because its state is unknown.
func (h *Handler) Invoke(ctx context.Context, payload []byte) (out []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			h.env.Log.Error("Task: activity panicked",
				zap.String("error", Failed), zap.String("error_message", textPanicked),
				zap.String("panic_type", fmt.Sprintf("%T", v)),
				zap.String("stack", string(debug.Stack())))
			h.countFailure(Failed)
			out, err = nil, messages.InvokeResponse_Error{Type: Failed, Message: textPanicked, ShouldExit: true}
		}
	}()
	result, subject, err := h.call(ctx, payload)
	if err != nil {
		return nil, h.report(err, subject)
	}
	out, err = json.Marshal(result)
	if err != nil {
		return nil, h.report(In("encode result", err), subject)
	}
	return out, nil
}

// report logs and counts a failure and gives what Lambda is told.
func (h *Handler) report(err error, subject []zap.Field) messages.InvokeResponse_Error {
	adapted := adapt(err)
	h.log(adapted, err, subject)
	h.countFailure(adapted.Type)
	return adapted
}

// Told is what a log line may say of an error: its name, the constant text for it and
// the step that failed, never the error itself. It is for an activity that goes on
// without what failed; what it returns is logged anyway.
func Told(err error) []zap.Field {
	adapted := adapt(err)
	fields := []zap.Field{zap.String("error", adapted.Type), zap.String("error_message", adapted.Message)}
	var step operationer
	if errors.As(err, &step) {
		fields = append(fields, zap.String("operation", step.Operation()))
	}
	return fields
}

// log writes a failure once, in the words of the adapter. What a machine expects
// in the course of a day is not an error line.
func (h *Handler) log(adapted messages.InvokeResponse_Error, err error, subject []zap.Field) {
	fields := append(slices.Clone(subject), Told(err)...)
	switch adapted.Type {
	case Failed, lead.ErrInvalid.Error(), lead.ErrDatabaseUnavailable.Error():
		h.env.Log.Error("Task: activity failed", fields...)
	default:
		h.env.Log.Info("Task: activity refused", fields...)
	}
}

func (h *Handler) countFailure(name string) {
	if h.env.Endpoint != "" && (name == Failed || name == lead.ErrDatabaseUnavailable.Error()) {
		h.env.Metrics.failure(h.env.Endpoint)
	}
}

// decode reads exactly one JSON value. Its error names no part of the input but
// the field of ours that has the wrong type.
func decode(payload []byte, into any, strict bool) error {
	d := json.NewDecoder(bytes.NewReader(payload))
	if strict {
		d.DisallowUnknownFields()
	}
	err := d.Decode(into)
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType) && strict:
		return In("decode payload, wrong type of field "+wrongType.Field, lead.ErrInvalid)
	case err != nil:
		return In("decode payload", lead.ErrInvalid)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return In("decode payload, more than one value", lead.ErrInvalid)
	}
	return nil
}
