package pgxdriver

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// SQLError is an error of the server, with everything that it said about it.
type SQLError struct {
	*pgconn.PgError
}

// Error gives severity, message, SQLSTATE, and detail and hint where there are any.
func (e SQLError) Error() string {
	text := fmt.Sprintf("%s: %s (SQLSTATE %s)", e.Severity, e.Message, e.Code)
	if e.Detail != "" {
		text += "; detail: " + e.Detail
	}

	if e.Hint != "" {
		text += "; hint: " + e.Hint
	}

	return text
}

// Unwrap gives pgx's own error.
func (e SQLError) Unwrap() error {
	return e.PgError
}

// explained turns an error of the server into an SQLError; others stay as they are.
func explained(err error) error {
	var serverError *pgconn.PgError
	if errors.As(err, &serverError) {
		return SQLError{serverError}
	}

	return err
}
