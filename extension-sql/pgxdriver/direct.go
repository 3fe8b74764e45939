package pgxdriver

import (
	"context"
	"database/sql/driver"
)

// Direct is the way past database/sql, for a pool that never has more than one connection and that one goroutine uses.
// There database/sql has nothing to decide, and takes a tenth of the client's time for it.
//
// Given as an argument of a query, it is no parameter of it (driver.ErrRemoveArgument): it learns which connection the query
// went over, and the next queries go over that one, until it is closed.
type Direct struct {
	conn *conn
	args []driver.NamedValue
	// isRefused: connections are lent, so that there is none to stay with.
	isRefused bool
}

// IsOpen says whether there is a connection to be asked.
func (d *Direct) IsOpen() bool {
	return d.conn != nil && !d.conn.pg.IsClosed()
}

// IsWanted says whether the next query through the pool should tell which connection it went over.
func (d *Direct) IsWanted() bool {
	return !d.isRefused
}

// Query returns the columns' names and the values, row after row, which are the connection's own until the next query.
// driver.ErrBadConn: the connection was found broken before a byte was sent.
func (d *Direct) Query(ctx context.Context, query string, values []any) (names []string, result []driver.Value, err error) {
	d.args = d.args[:0]
	for _, value := range values {
		d.args = append(d.args, driver.NamedValue{Value: value})
	}

	err = d.conn.run(ctx, query, d.args)

	clear(d.args) // a long value is not kept

	if err != nil {
		return nil, nil, err
	}

	return d.conn.result.names, d.conn.result.values, nil
}
