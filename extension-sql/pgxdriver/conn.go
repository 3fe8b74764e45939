package pgxdriver

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"inference-gap/extension-sql/failure"
	"inference-gap/extension-sql/line"
)

// conn is one connection; database/sql sees to it that only one goroutine uses it at a time, or Direct's only user does.
type conn struct {
	pg         *pgconn.PgConn
	line       line.Line
	mode       QueryMode
	types      *typeStore
	statements *statementCache
	watch      line.Watch
	timeout    time.Duration // of a query; 0: none
	// described are the parameters' types by text, where no statement is prepared and a value depends on them.
	described *statementCache

	// Of the last query, used again for the next so that it costs little garbage.
	result rows
	tag    []byte
	params parameters
	whole  wholeAnswer
	// isSet: the query that is under way may have changed settings that values are read by.
	isSet bool
	// isBound: the server took the values; nothing of a query is executed before.
	isBound bool
	// isBusy: a query is under way; while it is put together a parameter's own code may ask.
	isBusy bool
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

const (
	closeTimeout = 5 * time.Second
	// cancelTimeout is what a server has to say that it has given a query up.
	cancelTimeout = time.Second
)

func newConn(pg *pgconn.PgConn, answers *answers, mode QueryMode, types *typeStore) *conn {
	made := &conn{
		pg: pg, line: line.Of(pg.Conn()), mode: mode, types: types,
		statements: newStatementCache(), described: newStatementCache(),
	}
	made.whole.answers = answers
	made.watch.Interrupt = made.interrupt
	made.watch.Open()

	return made
}

// Close says goodbye to the server.
func (c *conn) Close() error {
	c.watch.Close()

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
func (c *conn) CheckNamedValue(given *driver.NamedValue) error {
	if direct, is := given.Value.(*Direct); is {
		direct.over(c)

		return driver.ErrRemoveArgument
	}

	return nil
}

// Ping is only called by a script that asks for it.
func (c *conn) Ping(ctx context.Context) error {
	return c.run(ctx, "SELECT 1", nil)
}

// QueryContext returns rows that have all been read, so that each error of the query is its own.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.run(ctx, query, args); err != nil {
		return nil, err
	}

	return &c.result, nil
}

// ExecContext runs a statement for its effect.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.run(ctx, query, args); err != nil {
		return nil, err
	}

	return c.affected(), nil
}

// affected are the rows of the last statement.
func (c *conn) affected() driver.Result {
	return driver.RowsAffected(pgconn.NewCommandTag(string(c.tag)).RowsAffected())
}

var errBusy = errors.New("a parameter of a query asked the database that the query is for")

func (c *conn) run(ctx context.Context, query string, args []driver.NamedValue) error {
	if c.isBusy {
		return errBusy
	}

	c.isBusy = true
	defer func() { c.isBusy = false }()

	ctx, release := attach(ctx)
	defer release()

	if err := ctx.Err(); err != nil {
		return err
	}

	line.Enter(c.line)
	defer line.Leave()

	c.watch.Begin(ctx, c.timeout)

	err := c.send(query, args)
	if err != nil {
		err = c.sendAgain(query, args, err)
	}

	if c.isSet {
		err = c.restore(err)
	}

	if !c.watch.End() {
		return err
	}

	// A late cancel request must not hit the next query on this connection.
	_ = c.Close()

	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}

	if err != nil {
		return failure.Named(failure.TimeOut, fmt.Errorf("no whole answer within %s: %w", c.timeout, err))
	}

	return nil
}

// restore follows a statement that may have changed how values are written: a SET of the script's own, or the end of a transaction
// with one. In a transaction that has failed nothing can be asked, and its end takes the change back.
func (c *conn) restore(err error) error {
	c.isSet = false

	if c.pg.IsClosed() || c.pg.TxStatus() == 'E' {
		return err
	}

	if failed := restoreSettings(context.Background(), c.pg); err == nil {
		return failed
	}

	return err
}

// interrupt ends the running query on the server. It only reads what never changes in the connection, so it may run
// beside the query.
func (c *conn) interrupt() {
	ctx, cancel := context.WithTimeout(context.Background(), cancelTimeout)
	defer cancel()

	_ = c.pg.Conn().SetReadDeadline(time.Now().Add(cancelTimeout)) // should the server not answer at all
	_ = c.pg.CancelRequest(ctx)
}

func (c *conn) send(query string, args []driver.NamedValue) error {
	switch c.mode {
	case Simple:
		return c.sendSimple(query, args)
	case Extended:
		return c.sendExtended(query, args)
	default:
		return c.sendPrepared(query, args)
	}
}

func (c *conn) sendPrepared(query string, args []driver.NamedValue) error {
	prepared := c.statements.get(query)
	if prepared == nil {
		var err error
		if prepared, err = c.prepare(query); err != nil {
			return err
		}
	}

	oids := prepared.description.ParamOIDs
	if len(args) != len(oids) {
		return fmt.Errorf("the query has %d parameters, %d values were given", len(oids), len(args))
	}

	if err := c.params.encode(args, oids, c.types); err != nil {
		return err
	}

	frontend := c.pg.Frontend()
	frontend.SendBind(&pgproto3.Bind{
		PreparedStatement:    prepared.description.Name,
		ParameterFormatCodes: c.params.formats,
		Parameters:           c.params.values,
		ResultFormatCodes:    prepared.resultFormats,
	})

	if prepared.shape == nil {
		// No columns were known then; a FETCH has some now.
		frontend.SendDescribe(&pgproto3.Describe{ObjectType: 'P'})
	}

	frontend.SendExecute(&pgproto3.Execute{})
	frontend.SendSync(&pgproto3.Sync{})

	err := c.exchange(prepared.shape)
	if err == nil {
		prepared.hasServed = true
	}

	return err
}

// sendExtended sends what `pgbench -M extended` sends: texts in, texts out, types left to the server.
func (c *conn) sendExtended(query string, args []driver.NamedValue) error {
	types, err := c.typesOf(query, args)
	if err != nil {
		return err
	}

	if err := c.params.encodeTexts(args, types); err != nil {
		return err
	}

	frontend := c.pg.Frontend()
	frontend.SendParse(&pgproto3.Parse{Query: query})
	frontend.SendBind(&pgproto3.Bind{Parameters: c.params.values})
	frontend.SendDescribe(&pgproto3.Describe{ObjectType: 'P'})
	frontend.SendExecute(&pgproto3.Execute{})
	frontend.SendSync(&pgproto3.Sync{})

	err = c.exchange(nil)
	if described := c.described.get(query); err == nil && types != nil && described != nil {
		described.hasServed = true
	}

	return err
}

func (c *conn) sendSimple(query string, args []driver.NamedValue) error {
	if len(args) > 0 && c.pg.ParameterStatus("standard_conforming_strings") == "off" {
		return errors.New("query_mode=simple quotes values only where standard_conforming_strings is on")
	}

	types, err := c.typesOf(query, args)
	if err != nil {
		return err
	}

	text, err := interpolate(query, args, types)
	if err != nil {
		return err
	}

	c.pg.Frontend().SendQuery(&pgproto3.Query{String: text})

	return c.exchange(nil)
}
