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
// The arguments are only read.
func (d *Direct) Query(ctx context.Context, query string, args []driver.NamedValue) (names []string, result []driver.Value, err error) {
	if err := d.conn.run(ctx, query, args); err != nil {
		return nil, nil, err
	}

	return d.conn.result.names, d.conn.result.values, nil
}
