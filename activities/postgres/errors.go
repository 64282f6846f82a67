package postgres

import (
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// Error is what every method returns for a failure. It is lead.ErrDatabaseUnavailable
// when the same statement may succeed in a moment, which is for the machine to
// try; it is a defect of ours otherwise.
type Error struct {
	operation string
	reason    string
	state     string
	transient bool
}

// Operation is the method in words of ours, "accept lead".
func (e *Error) Operation() string { return e.operation }

// SQLState is the five characters of the database's answer, "" when it gave none.
func (e *Error) SQLState() string { return e.state }

func (e *Error) Error() string {
	return e.operation + ": " + e.reason
}

// Is makes errors.Is(err, lead.ErrDatabaseUnavailable) tell whether to retry.
func (e *Error) Is(target error) bool {
	return e.transient && target == lead.ErrDatabaseUnavailable
}

// failure hides err. What is neither an answer of the server nor our misreading
// of one is a lost connection, a full pool or a context that ended: worth another
// try.
func failure(operation string, err error) *Error {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return &Error{operation: operation, reason: "sqlstate " + answer.Code, state: answer.Code, transient: transient(answer.Code)}
	}
	var misread pgx.ScanArgError
	if errors.As(err, &misread) {
		return &Error{operation: operation, reason: "column " + misread.FieldName + " cannot be read"}
	}
	return &Error{operation: operation, reason: "no answer from the database", transient: true}
}

// transient says which answers may be another one in a moment (PostgreSQL
// manual, appendix A).
func transient(state string) bool {
	switch state {
	case "23505", // unique_violation: a race that the other side won, or a reference that is taken
		"25006", // read_only_sql_transaction: the writer changed in a failover
		"28000", // invalid_authorization_specification, and
		"28P01": // invalid_password: a secret is being rotated
		return true
	}
	if len(state) < 2 {
		return false
	}
	switch state[:2] {
	case "08", // connection exception
		"40", // transaction rollback: deadlock, serialization
		"53", // insufficient resources
		"55", // object not in prerequisite state: lock not available
		"57", // operator intervention: shutdown, cancelled statement
		"58": // system error
		return true
	}
	return false
}
