package engine

import (
	"errors"
	"math/rand/v2"
	"time"

	"go.uber.org/zap"
)

// Config is what an engine is made of.
type Config struct {
	Region  string // of the ARNs and the events, required
	Account string // of the ARNs and the events, required

	Store   Store    // required
	Invoker Invoker  // of lambda:invoke tasks, required
	Bus     Bus      // nil: status changes are neither stored nor published
	Events  EventBus // of events:putEvents tasks, nil: such tasks are refused
	Logs    LogSink  // nil: events of Express executions are not made
	Clock   Clock    // nil: SystemClock
	Log     *zap.Logger

	// Retention is how long a closed execution is kept, and its name taken. 0: 90
	// days, as in AWS.
	Retention time.Duration
	// ReferenceOnly leaves every expression to the reference evaluator, which is slow:
	// to find out whether a difference is the fast evaluator's.
	ReferenceOnly bool
	// Jitter answers a number in [0, 1) for each retry with full jitter. Nil:
	// random.
	Jitter func() float64
	// NewID answers a UUID: execution names, event ids, request ids. Nil: random.
	NewID func() string
	// Integrations are tasks beyond the built-in ones, or in place of them, by the
	// Resource of the state.
	Integrations map[string]Integration
}

func (c *Config) complete() error {
	for _, field := range []struct {
		name    string
		missing bool
	}{
		{"region", c.Region == ""},
		{"account", c.Account == ""},
		{"store", c.Store == nil},
		{"invoker", c.Invoker == nil},
	} {
		if field.missing {
			return errors.New("new engine: " + field.name + " is missing")
		}
	}
	if c.Retention < 0 {
		return errors.New("new engine: retention is negative")
	}
	if c.Retention == 0 {
		c.Retention = defaultRetention
	}
	if c.Clock == nil {
		c.Clock = SystemClock{}
	}
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	if c.Jitter == nil {
		c.Jitter = rand.Float64
	}
	if c.NewID == nil {
		c.NewID = newUUID
	}
	return nil
}
