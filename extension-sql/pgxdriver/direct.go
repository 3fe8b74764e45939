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
	// replaced connections: opened for this user in the place of one that was lost.
	replaced int
}

// Replaced is the number of connections that were opened in the place of one that was lost.
func (d *Direct) Replaced() int {
	return d.replaced
}

// over is told which connection a query went over.
func (d *Direct) over(one *conn) {
	if d.conn != nil && d.conn != one {
		d.replaced++
	}

	d.conn = one
}

// IsOpen says whether there is a connection to be asked.
func (d *Direct) IsOpen() bool {
	return d.conn != nil && !d.conn.pg.IsClosed()
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
