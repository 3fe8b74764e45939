package pgxdriver

import (
	"context"
	"database/sql/driver"
	"errors"
)

// Begin starts a transaction.
func (c *conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx starts a transaction at the server's default isolation level. xk6-sql has no way to it; scripts send BEGIN.
func (c *conn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	if options.Isolation != 0 {
		return nil, errors.New("the isolation level is not an option of this driver; use SET TRANSACTION")
	}

	text := "BEGIN"
	if options.ReadOnly {
		text = "BEGIN READ ONLY"
	}

	return transaction{c}, c.run(ctx, text, nil)
}

type transaction struct{ conn *conn }

func (t transaction) Commit() error {
	return t.conn.run(context.Background(), "COMMIT", nil)
}

func (t transaction) Rollback() error {
	return t.conn.run(context.Background(), "ROLLBACK", nil)
}
