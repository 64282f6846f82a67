package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// schema is the answer of the function that migrates, as far as it is needed here.
type schema struct {
	Before int64 `json:"before"` // 0: there is none
	After  int64 `json:"after"`
}

// The errors under which the function fails (activities/cmd/migrate).
const (
	migrateInvalid = "Migrate.Invalid"
	migrateRunning = "Migrate.Running"
)

// askMigrate calls the function that migrates; action is migrate, or status, which
// changes nothing.
func (s *Session) askMigrate(ctx context.Context, action string) (schema, error) {
	name := s.Config.Function(s.migrator())
	payload, err := json.Marshal(map[string]string{"action": action})
	if err != nil {
		return schema{}, err
	}
	// Once: a second call while the first still runs would find its lock.
	out, err := s.Backend.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String(name), Payload: payload}, func(o *lambda.Options) { o.RetryMaxAttempts = 1 })
	if err != nil {
		return schema{}, fmt.Errorf("invoke %s: %w", name, err)
	}
	if out.FunctionError != nil {
		return schema{}, s.migrateFailed(name, out.Payload)
	}
	var stood schema
	if err := json.Unmarshal(out.Payload, &stood); err != nil {
		return schema{}, fmt.Errorf("read the answer of %s: %w", name, err)
	}
	return stood, nil
}

// migrateFailed says what to do about each error of the function.
func (s *Session) migrateFailed(name string, payload []byte) error {
	var told struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}
	if err := json.Unmarshal(payload, &told); err != nil {
		return fmt.Errorf("%s failed: %s", name, payload)
	}
	err := fmt.Errorf("%s: %s: %s", name, told.Type, told.Message)
	switch told.Type {
	case migrateRunning:
		return &advised{err, "nothing was changed by this call: read the log group " + s.Config.FunctionLog(s.migrator()) +
			" until the other call has ended, then run the same command again"}
	case migrateInvalid:
		return &advised{err, "nothing was changed: " + name + " does not know what this program asks of it. Build and deploy both from one commit, with make deploy ENV=" + s.Config.Environment}
	}
	return err
}

// advised is an error that knows better than its step what to do next.
type advised struct {
	error
	next string
}

func (a *advised) Unwrap() error { return a.error }

// failed makes an error the failure of a step.
func (st step) failed(err error) *Failure {
	f := &Failure{Step: st.name, Err: err, Next: st.next}
	var a *advised
	if errors.As(err, &a) {
		f.Next = a.next
	}
	return f
}
