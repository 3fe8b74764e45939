package pgxdriver

import (
	"context"
	"database/sql/driver"
)

// Prepare is asked for by database/sql's interface; xk6-sql has no way to it.
func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return stmt{conn: c, query: query}, nil
}

// stmt only remembers its text: the connection caches what is prepared.
type stmt struct {
	conn  *conn
	query string
}

func (s stmt) Close() error  { return nil }
func (s stmt) NumInput() int { return -1 } // the server says

func (s stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.conn.ExecContext(context.Background(), s.query, named(args))
}

func (s stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.conn.QueryContext(context.Background(), s.query, named(args))
}

func named(values []driver.Value) []driver.NamedValue {
	args := make([]driver.NamedValue, len(values))
	for i, value := range values {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: value}
	}

	return args
}
