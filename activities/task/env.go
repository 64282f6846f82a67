package task

import (
	"io"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Env is what the wiring gives every activity: a log, metrics and a clock. It
// is a value; For makes one activity's own.
type Env struct {
	Log     *zap.Logger
	Metrics *Metrics
	Now     func() time.Time

	// Endpoint is the API call that the activity serves ("POST /api/leads"), a
	// dimension of the metrics; empty for one that answers no HTTP call.
	Endpoint string
}

// NewEnv writes log lines and metrics as JSON lines to one writer, as Lambda
// expects them on standard output. Writes are serialised. Levels are in capitals,
// because the documented log query looks for "ERROR"; nothing is sampled.
func NewEnv(w io.Writer, now func() time.Time) Env {
	out := zapcore.Lock(zapcore.AddSync(w))
	encoder := zapcore.NewJSONEncoder(zapcore.EncoderConfig{
		TimeKey:     "time",
		LevelKey:    "level",
		MessageKey:  "message",
		EncodeTime:  zapcore.RFC3339NanoTimeEncoder,
		EncodeLevel: zapcore.CapitalLevelEncoder,
	})
	return Env{
		Log:     zap.New(zapcore.NewCore(encoder, out, zapcore.InfoLevel), zap.WithClock(clock(now))),
		Metrics: newMetrics(out, now),
		Now:     now,
	}
}

// For gives the environment of one activity: every line it logs carries the
// field activity, every metric of a request the endpoint.
func (e Env) For(activity, endpoint string) Env {
	e.Endpoint = endpoint
	e.Log = e.Log.With(zap.String("activity", activity))
	return e
}

// clock lets log lines carry the injected time.
type clock func() time.Time

func (c clock) Now() time.Time                         { return c().UTC() }
func (c clock) NewTicker(d time.Duration) *time.Ticker { return time.NewTicker(d) }
