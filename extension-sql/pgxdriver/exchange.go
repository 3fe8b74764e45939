package pgxdriver

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"inference-gap/extension-sql/line"
)

// exchange sends what was put into the frontend's buffer, in one write, and reads the answer to its end: until the
// server is ready for the next query. Where a text holds several statements, the last result is the one that is kept.
// `known` are the columns of a prepared statement; nil where the server describes them with the result.
//
// The whole result is read before anything is returned, so that an error after the first row cannot be missed: xk6-sql
// never asks its rows for one. Results of predictions are a row; one of millions would lie in memory here.
//
// What readWhole does not know are pgconn's messages; its result readers are not used: they copy descriptions and set a
// timer with each query, against a deadlock of pipelines. A server reads a whole query before it answers, so there is none here.
func (c *conn) exchange(known *resultShape) error {
	c.result.reset()
	c.tag = c.tag[:0]
	c.isBound = false

	c.line.Hold()

	if err := c.pg.Frontend().Flush(); err != nil {
		return c.notSent(err, !pgconn.SafeToRetry(err))
	}

	shape := known
	if shape != nil {
		c.result.names = shape.names

		if c.pg.Frontend().ReadBufferLen() == 0 {
			if isWhole, err := c.readWhole(shape); isWhole {
				c.isSet = c.isSet || changesSettings(c.tag)

				return err
			}
		}
	}

	var failure error // the first one; what follows it is only read

	var waiting [][]byte // values of a type that the catalogue has to be asked for, which can only be done afterwards

	for {
		message, err := c.pg.ReceiveMessage(context.Background())
		if err != nil {
			return c.lost(failure, err)
		}

		switch message := message.(type) {
		case *pgproto3.BindComplete:
			c.isBound = true
		case *pgproto3.RowDescription:
			shape, waiting = describedShape(message.Fields, c.types), nil
			c.result.reset()
			c.result.names = shape.names
		case *pgproto3.DataRow:
			switch {
			case failure != nil:
			case shape != nil && shape.isUnknown:
				waiting = appendClones(waiting, message.Values)
			default:
				failure = c.addRow(shape, message.Values)
			}
		case *pgproto3.CommandComplete:
			c.tag = append(c.tag[:0], message.CommandTag...)
			c.isSet = c.isSet || changesSettings(c.tag)
		case *pgproto3.ParameterStatus:
			c.isSet = true
		case *pgproto3.ErrorResponse:
			if failure == nil {
				failure = SQLError{pgconn.ErrorResponseToPgError(message)}
			}
		case *pgproto3.CopyInResponse:
			if err := c.refuseCopy(); err != nil {
				return err
			}
		case *pgproto3.ReadyForQuery:
			if failure == nil && len(waiting) > 0 {
				return c.addWaiting(shape, waiting)
			}

			return failure
		}
	}
}

// notSent tells of a query that cannot have been executed.
func (c *conn) notSent(err error, partly bool) error {
	_ = c.Close()

	if !partly {
		return driver.ErrBadConn // not a byte was sent: another connection may try
	}

	return fmt.Errorf("the connection to Postgres broke while the query was sent: %w", err)
}

// lost tells what is known when no answer came. The query may have been executed: nobody may send it again but the
// script. An error that the server sent before it went away (57P01, say) explains it best.
func (c *conn) lost(said, err error) error {
	var unsent *line.SendError
	if said == nil && errors.As(err, &unsent) {
		return c.notSent(unsent.Err, unsent.Partly)
	}

	_ = c.Close()

	if said != nil {
		return said
	}

	return fmt.Errorf("the connection to Postgres broke before the answer was complete: %w", err)
}

func (c *conn) addRow(shape *resultShape, values [][]byte) error {
	if shape == nil || len(values) != len(shape.columns) {
		return fmt.Errorf("a row of %d values came without a description that fits", len(values))
	}

	for i, value := range values {
		decoded, err := c.decode(shape.columns[i], value)
		if err != nil {
			return fmt.Errorf("column %s: %w", shape.names[i], err)
		}

		c.result.values = append(c.result.values, decoded)
	}

	return nil
}

func appendClones(to, values [][]byte) [][]byte {
	for _, value := range values {
		to = append(to, bytes.Clone(value)) // nil stays nil
	}

	return to
}

// addWaiting asks for the types that a result has brought; the next result with one of them does not.
func (c *conn) addWaiting(shape *resultShape, values [][]byte) error {
	if err := c.types.learn(context.Background(), c.pg, shape.oids()); err != nil {
		return err
	}

	for width := len(shape.columns); len(values) >= width; values = values[width:] {
		if err := c.addRow(shape, values[:width]); err != nil {
			return err
		}
	}

	return nil
}

// refuseCopy ends COPY FROM STDIN, which would wait for data that no script can give. The server has swallowed the
// first Sync as it took it for data.
func (c *conn) refuseCopy() error {
	frontend := c.pg.Frontend()
	frontend.Send(&pgproto3.CopyFail{Message: "COPY FROM STDIN is not possible in a script"})

	if c.mode != Simple {
		frontend.SendSync(&pgproto3.Sync{})
	}

	return frontend.Flush()
}
