package pgxdriver

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// conn is one connection; database/sql sees to it that only one goroutine uses it at a time.
type conn struct {
	pg         *pgconn.PgConn
	mode       QueryMode
	types      *pgtype.Map
	statements *statementCache
}

var (
	_ driver.QueryerContext    = (*conn)(nil)
	_ driver.ExecerContext     = (*conn)(nil)
	_ driver.NamedValueChecker = (*conn)(nil)
	_ driver.SessionResetter   = (*conn)(nil)
	_ driver.Validator         = (*conn)(nil)
	_ driver.ConnBeginTx       = (*conn)(nil)
	_ driver.Pinger            = (*conn)(nil)
)

const closeTimeout = 5 * time.Second

// Close says goodbye to the server.
func (c *conn) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()

	return c.pg.Close(ctx)
}

// IsValid keeps a broken connection out of the pool.
func (c *conn) IsValid() bool {
	return !c.pg.IsClosed()
}

// ResetSession is called before a pooled connection is used again. It asks the server nothing: a round trip before
// each query would double the latency of what is measured.
func (c *conn) ResetSession(context.Context) error {
	if c.pg.IsClosed() {
		return driver.ErrBadConn
	}

	return nil
}

// CheckNamedValue lets every value through as the script gave it; encode decides, and it knows the parameter's type.
func (c *conn) CheckNamedValue(*driver.NamedValue) error {
	return nil
}

// Ping is only called by a script that asks for it.
func (c *conn) Ping(ctx context.Context) error {
	_, _, err := c.run(ctx, "SELECT 1", nil)

	return err
}

// QueryContext reads the whole result before it returns, so that an error after the first row cannot be missed
// (xk6-sql does not ask for one).
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	result, _, err := c.run(ctx, query, args)
	if err != nil {
		return nil, err
	}

	return result, nil
}

// ExecContext runs a statement for its effect.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	_, tag, err := c.run(ctx, query, args)
	if err != nil {
		return nil, err
	}

	return driver.RowsAffected(tag.RowsAffected()), nil
}

// SQLSTATEs that say that a prepared statement has gone or no longer fits; nothing was executed.
const (
	invalidStatementName = "26000" // after DISCARD ALL or DEALLOCATE ALL
	featureNotSupported  = "0A000" // "cached plan must not change result type"
)

func (c *conn) run(ctx context.Context, query string, args []driver.NamedValue) (*rows, pgconn.CommandTag, error) {
	if err := ctx.Err(); err != nil {
		return nil, pgconn.CommandTag{}, err
	}

	release := c.cancelWith(ctx)
	result, tag, err := c.send(query, args)

	var serverError *pgconn.PgError
	if c.mode == Prepared && errors.As(err, &serverError) && c.pg.TxStatus() == 'I' &&
		(serverError.Code == invalidStatementName || serverError.Code == featureNotSupported) &&
		c.statements.get(query) != nil {
		c.statements.drop(query)

		result, tag, err = c.send(query, args)
	}

	cancelled := release()
	if err == nil {
		return result, tag, nil
	}

	if cancelled {
		return nil, tag, fmt.Errorf("%w: %w", ctx.Err(), explained(err))
	}

	if pgconn.SafeToRetry(err) && c.pg.IsClosed() {
		return nil, tag, driver.ErrBadConn // nothing was sent: another connection may try
	}

	return nil, tag, explained(err)
}

// cancelWith ends the query on the server when the context ends. The returned function must be called when the query
// is over, and says whether it was cancelled.
//
// pgconn's own watcher starts a goroutine for each query; context.AfterFunc costs a map entry until it is needed.
// A connection whose query was cancelled is closed: a late cancel request must not hit its next query.
func (c *conn) cancelWith(ctx context.Context) func() bool {
	if ctx.Done() == nil {
		return func() bool { return false }
	}

	finished := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(finished)

		timeout, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()

		_ = c.pg.Conn().SetReadDeadline(time.Now().Add(closeTimeout)) // should the server not answer at all
		_ = c.pg.CancelRequest(timeout)
	})

	return func() bool {
		if stop() {
			return false
		}

		<-finished

		_ = c.Close()

		return true
	}
}

func (c *conn) send(query string, args []driver.NamedValue) (*rows, pgconn.CommandTag, error) {
	switch c.mode {
	case Simple:
		return c.sendSimple(query, args)
	case Extended:
		return c.sendExtended(query, args)
	default:
		return c.sendPrepared(query, args)
	}
}

func (c *conn) sendPrepared(query string, args []driver.NamedValue) (*rows, pgconn.CommandTag, error) {
	prepared := c.statements.get(query)
	if prepared == nil {
		var err error
		if prepared, err = c.prepare(query); err != nil {
			return nil, pgconn.CommandTag{}, err
		}
	}

	oids := prepared.description.ParamOIDs
	if len(args) != len(oids) {
		return nil, pgconn.CommandTag{}, fmt.Errorf("the query has %d parameters, %d values were given", len(oids), len(args))
	}

	values := make([][]byte, len(args))
	formats := make([]int16, len(args))

	for i, arg := range args {
		value, format, err := encode(arg.Value, oids[i])
		if err != nil {
			return nil, pgconn.CommandTag{}, fmt.Errorf("parameter $%d: %w", i+1, err)
		}

		values[i], formats[i] = value, format
	}

	reader := c.pg.ExecStatement(context.Background(), prepared.description, values, formats, prepared.resultFormats)

	return c.read(reader, prepared.columns)
}

func (c *conn) prepare(query string) (*statement, error) {
	c.statements.serial++

	name := "gap_" + strconv.Itoa(c.statements.serial)

	description, err := c.pg.Prepare(context.Background(), name, query, nil)
	if err != nil {
		return nil, err
	}

	columns := columnsOf(description.Fields)
	made := &statement{text: query, description: description, columns: columns, resultFormats: formatsOf(columns)}

	if old := c.statements.put(made); old != nil {
		if err := c.pg.Deallocate(context.Background(), old.description.Name); err != nil {
			return nil, err
		}
	}

	return made, nil
}

func (c *conn) sendExtended(query string, args []driver.NamedValue) (*rows, pgconn.CommandTag, error) {
	values := make([][]byte, len(args))

	for i, arg := range args {
		text, err := encodeText(arg.Value)
		if err != nil {
			return nil, pgconn.CommandTag{}, fmt.Errorf("parameter $%d: %w", i+1, err)
		}

		values[i] = text
	}

	// Texts in, texts out, types left to the server: what pgbench sends.
	return c.read(c.pg.ExecParams(context.Background(), query, values, nil, nil, nil), nil)
}

func (c *conn) sendSimple(query string, args []driver.NamedValue) (*rows, pgconn.CommandTag, error) {
	text, err := interpolate(query, args)
	if err != nil {
		return nil, pgconn.CommandTag{}, err
	}

	results := c.pg.Exec(context.Background(), text)

	last, tag := &rows{}, pgconn.CommandTag{}

	for results.NextResult() {
		if last, tag, err = c.read(results.ResultReader(), nil); err != nil {
			_ = results.Close()

			return nil, tag, err
		}
	}

	return last, tag, results.Close()
}

// read takes the whole result; columns may be nil where they are only known from the answer.
func (c *conn) read(reader *pgconn.ResultReader, columns []column) (*rows, pgconn.CommandTag, error) {
	result := &rows{columns: columns}

	for reader.NextRow() {
		if result.columns == nil {
			result.columns = columnsOf(reader.FieldDescriptions())
			for i := range result.columns {
				result.columns[i].format = reader.FieldDescriptions()[i].Format
			}
		}

		values := reader.Values()
		row := make([]driver.Value, len(values))

		for i, value := range values {
			decoded, err := c.decode(result.columns[i], value)
			if err != nil {
				_, _ = reader.Close()

				return nil, pgconn.CommandTag{}, fmt.Errorf("column %s: %w", result.columns[i].name, err)
			}

			row[i] = decoded
		}

		result.values = append(result.values, row)
	}

	tag, err := reader.Close()

	return result, tag, err
}

// Prepare is asked for by database/sql's interface; xk6-sql has no way to it.
func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return stmt{conn: c, query: query}, nil
}

// Begin starts a transaction.
func (c *conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx starts a transaction at the server's default isolation level.
func (c *conn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	if options.Isolation != 0 {
		return nil, errors.New("the isolation level is not an option of this driver; use SET TRANSACTION")
	}

	text := "BEGIN"
	if options.ReadOnly {
		text = "BEGIN READ ONLY"
	}

	_, _, err := c.run(ctx, text, nil)

	return transaction{c}, err
}

type transaction struct{ conn *conn }

func (t transaction) Commit() error {
	_, _, err := t.conn.run(context.Background(), "COMMIT", nil)

	return err
}

func (t transaction) Rollback() error {
	_, _, err := t.conn.run(context.Background(), "ROLLBACK", nil)

	return err
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
