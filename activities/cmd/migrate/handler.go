package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/migrations"
)

// The names under which a call fails; nothing was changed by the first two.
const (
	errInput   = "Migrate.Invalid" // the payload is not of the contract
	errRunning = "Migrate.Running" // another call migrates at this moment
	errFailed  = "Migrate.Failed"  // stands at the version before the file that failed; call again once it is repaired
)

// lock is held by a call that migrates, for as long as it does.
const lock = `SELECT pg_try_advisory_lock(hashtextextended('nigredo.migrate', 0))`

// input asks for one of two things.
type input struct {
	Action string `json:"action"` // migrate, or status, which changes nothing
}

// output is where the schema stands.
type output struct {
	Before  int64 `json:"before"`  // version before the call, 0 for no schema
	After   int64 `json:"after"`   // version now
	Newest  int64 `json:"newest"`  // version that this function brings
	Granted bool  `json:"granted"` // whether the call gave the grants anew
}

// handler answers with an output or fails under one of the names above. An error is told
// by file and SQLSTATE: the text of the database may quote a row.
type handler struct {
	env task.Env
	db  *sql.DB
}

// Invoke implements lambda.Handler.
func (h handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var in input
	d := json.NewDecoder(bytes.NewReader(payload))
	d.DisallowUnknownFields()
	err := d.Decode(&in)
	if _, more := d.Token(); err != nil || !errors.Is(more, io.EOF) || in.Action != "migrate" && in.Action != "status" {
		return nil, h.fail(errInput, `want {"action":"migrate"} or {"action":"status"}`)
	}
	out, err := h.run(ctx, in.Action == "migrate")
	var told messages.InvokeResponse_Error
	switch {
	case errors.As(err, &told):
		return nil, told
	case err != nil:
		return nil, h.fail(errFailed, tell(err))
	}
	h.env.Log.Info("Migrate: done", zap.String("action", in.Action),
		zap.Int64("before", out.Before), zap.Int64("after", out.After), zap.Int64("newest", out.Newest))
	return json.Marshal(out)
}

func (h handler) run(ctx context.Context, change bool) (out output, err error) {
	if !change {
		out.Newest, out.Before, err = migrations.Versions(ctx, h.db, migrations.Nigredo())
		out.After = out.Before
		return out, err
	}
	conn, err := h.db.Conn(ctx) // the lock belongs to a session
	if err != nil {
		return out, err
	}
	defer conn.Close() //nolint:errcheck // back into the pool
	var mine bool
	if err := conn.QueryRowContext(ctx, lock).Scan(&mine); err != nil {
		return out, err
	}
	if !mine {
		return out, h.fail(errRunning, "another call migrates at this moment; call again when it has ended")
	}
	defer func() {
		const unlock = `SELECT pg_advisory_unlock(hashtextextended('nigredo.migrate', 0))`
		if _, unlocking := conn.ExecContext(context.WithoutCancel(ctx), unlock); err == nil {
			err = unlocking
		}
	}()
	if out.Newest, out.Before, err = migrations.Versions(ctx, h.db, migrations.Nigredo()); err != nil {
		return out, err
	}
	// An older version of this function must not take grants from a newer schema.
	if out.Before > out.Newest {
		return out, h.fail(errFailed, fmt.Sprintf("the schema is at %d and this function knows no more than %d: deploy the newer one", out.Before, out.Newest))
	}
	if err := migrations.Up(ctx, h.db, migrations.Nigredo()); err != nil {
		return out, err
	}
	if err := migrations.Grant(ctx, h.db); err != nil {
		return out, err
	}
	out.Granted = true
	_, out.After, err = migrations.Versions(ctx, h.db, migrations.Nigredo())
	return out, err
}

// tell says of an error what names no row.
func tell(err error) string {
	text := "the database did not answer"
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		text = "the database refused, sqlstate " + answer.Code
	}
	var partial *goose.PartialError
	if errors.As(err, &partial) && partial.Failed != nil && partial.Failed.Source != nil {
		return fmt.Sprintf("migration %d: %s; the schema stands at the version before it", partial.Failed.Source.Version, text)
	}
	return text
}

func (h handler) fail(name, message string) messages.InvokeResponse_Error {
	h.env.Log.Error("Migrate: failed", zap.String("error", name), zap.String("error_message", message))
	return messages.InvokeResponse_Error{Type: name, Message: message}
}
