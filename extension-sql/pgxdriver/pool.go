package pgxdriver

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"sync"
)

// poolParameter is read from the connection string: all virtual users whose strings are the same then share so many
// connections, each for one query at a time. Without it k6 gives every virtual user connections of its own.
const poolParameter = "pool"

func poolSize(given string) (int, error) {
	size, err := strconv.Atoi(given)
	if err != nil || size < 1 {
		return 0, fmt.Errorf("%s in the connection string is %q; expected a whole number of at least 1", poolParameter, given)
	}

	return size, nil
}

// pools of this process, by connection string.
var pools = struct { //nolint:gochecknoglobals // shared by all virtual users is the point
	mu  sync.Mutex
	all map[string]*pool
}{all: map[string]*pool{}}

// pool hands out its connections in the order in which they are asked for.
type pool struct {
	dsn     string
	connect func(context.Context) (*conn, error)
	// slots hold a connection each, which may be broken, or nil where none was opened yet. Who has taken a slot gives it back.
	slots chan *conn
	// users is the number of database/sql connections that borrow here; guarded by pools.mu.
	users int
}

func joinPool(dsn string, size int, connect func(context.Context) (*conn, error)) *pool {
	pools.mu.Lock()
	defer pools.mu.Unlock()

	one, known := pools.all[dsn]
	if !known {
		one = &pool{dsn: dsn, connect: connect, slots: make(chan *conn, size)}
		for range size {
			one.slots <- nil
		}

		pools.all[dsn] = one
	}

	one.users++

	return one
}

// leave closes the connections when the last user is gone; none of them is borrowed then.
func (p *pool) leave() error {
	pools.mu.Lock()
	defer pools.mu.Unlock()

	if p.users--; p.users > 0 {
		return nil
	}

	delete(pools.all, p.dsn)

	var first error

	for range cap(p.slots) {
		if one := <-p.slots; one != nil {
			if err := one.Close(); err != nil && first == nil {
				first = err
			}
		}
	}

	return first
}

// borrow also says whether the connection was opened in the place of one that had broken.
func (p *pool) borrow(ctx context.Context) (one *conn, isReplaced bool, err error) {
	attached, release := attach(ctx)
	defer release()

	select {
	case one = <-p.slots:
	case <-attached.Done():
		return nil, false, attached.Err()
	}

	if one != nil && one.IsValid() {
		return one, false, nil
	}

	made, err := p.connect(ctx)
	if err != nil {
		p.slots <- one

		return nil, false, err
	}

	return made, one != nil, nil
}

func (p *pool) giveBack(one *conn) {
	p.slots <- one
}

// pooledConn is what database/sql holds: it has no connection of its own, but borrows one for each query.
type pooledConn struct {
	pool *pool
	rows pooledRows
	// direct is told of what this user has replaced; nil until a query brought it along.
	direct *Direct
}

var (
	_ driver.QueryerContext    = (*pooledConn)(nil)
	_ driver.ExecerContext     = (*pooledConn)(nil)
	_ driver.NamedValueChecker = (*pooledConn)(nil)
)

// QueryContext gives the connection back when the rows are closed: they belong to it.
func (c *pooledConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	borrowed, err := c.run(ctx, query, args)
	if err != nil {
		return nil, err
	}

	c.rows = pooledRows{rows: &borrowed.result, pool: c.pool, borrowed: borrowed}

	return &c.rows, nil
}

// ExecContext runs a statement for its effect.
func (c *pooledConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	borrowed, err := c.run(ctx, query, args)
	if err != nil {
		return nil, err
	}

	defer c.pool.giveBack(borrowed)

	return borrowed.affected(), nil
}

// run sends a query over a connection that the caller gives back. A connection that was found broken before a byte was sent is
// replaced here: database/sql would give up this one, and with it the pool where nobody else uses it.
func (c *pooledConn) run(ctx context.Context, query string, args []driver.NamedValue) (*conn, error) {
	for {
		borrowed, isReplaced, err := c.pool.borrow(ctx)
		if err != nil {
			return nil, err
		}

		if isReplaced && c.direct != nil {
			c.direct.replaced++
		}

		if err = borrowed.run(ctx, query, args); err == nil {
			return borrowed, nil
		}

		c.pool.giveBack(borrowed)

		if isReplaced || !errors.Is(err, driver.ErrBadConn) {
			return nil, err
		}
	}
}

// CheckNamedValue lets every value through, as conn does. A shared connection is nobody's to be asked directly.
func (c *pooledConn) CheckNamedValue(given *driver.NamedValue) error {
	if direct, is := given.Value.(*Direct); is {
		c.direct = direct

		return driver.ErrRemoveArgument
	}

	return nil
}

// Prepare and Begin would hold on to a connection that is lent for one query only.
func (c *pooledConn) Prepare(string) (driver.Stmt, error) {
	return nil, fmt.Errorf("a shared %s has no prepared statements of its own; query() prepares by itself", poolParameter)
}

// Begin is refused, too.
func (c *pooledConn) Begin() (driver.Tx, error) {
	return nil, fmt.Errorf("a shared %s has no transactions; leave %s out of the connection string", poolParameter, poolParameter)
}

// Close ends the borrowing, not the connections.
func (c *pooledConn) Close() error {
	return c.pool.leave()
}

type pooledRows struct {
	*rows

	pool     *pool
	borrowed *conn
}

// Close gives the connection back, once.
func (r *pooledRows) Close() error {
	if r.borrowed != nil {
		r.pool.giveBack(r.borrowed)
		r.borrowed = nil
	}

	return nil
}
