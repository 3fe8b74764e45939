package pgxdriver

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"inference-gap/extension-sql/sqltext"
)

// knownTypes are those of a query's parameters; none where nobody had to know.
type knownTypes []*valueType

func (t knownTypes) at(index int) *valueType {
	if index < len(t) {
		return t[index]
	}

	return nil
}

// typesOf asks for the parameters' types where a value is written differently for different ones, once for a text and
// connection, as a prepared statement is: an array is a Postgres array for one type, and JSON for another. All other values are
// texts that the server reads, and nothing is asked for them.
func (c *conn) typesOf(query string, args []driver.NamedValue) (knownTypes, error) {
	isNeeded := false
	for i := range args {
		isNeeded = isNeeded || needsType(args[i].Value)
	}

	if !isNeeded {
		return nil, nil
	}

	known := c.described.get(query)
	if known == nil {
		var err error
		if known, err = c.describe(query); err != nil {
			return nil, err
		}
	}

	types := make(knownTypes, len(known.description.ParamOIDs))
	for i, oid := range known.description.ParamOIDs {
		types[i] = c.types.find(oid)
	}

	return types, nil
}

// describe takes a round trip, in which nothing is executed. A text of several statements can only be sent whole, and what a
// simple query may do and a described one may not (NOTIFY, say) has no types either: arrays are Postgres' own there.
func (c *conn) describe(query string) (*statement, error) {
	untyped := &statement{text: query, description: &pgconn.StatementDescription{}}

	if c.mode == Simple && hasSeveral(query) {
		c.described.put(untyped)

		return untyped, nil
	}

	description, err := c.pg.Prepare(context.Background(), "", query, nil)

	var said *pgconn.PgError

	switch {
	case err == nil:
	case c.mode == Simple && errors.As(err, &said) && c.pg.TxStatus() == 'I':
		return untyped, nil // the server says what is wrong, if anything, when it gets the query
	default:
		return nil, c.prepareError(err)
	}

	if err := c.types.learn(context.Background(), c.pg, description.ParamOIDs); err != nil {
		return nil, err
	}

	made := &statement{text: query, description: description}
	c.described.put(made)

	return made, nil
}

// hasSeveral says whether a text holds more than one statement.
func hasSeveral(query string) bool {
	for isAfter := false; query != ""; {
		length := max(1, sqltext.Skip(query))
		part := query[:length]
		query = query[length:]

		switch {
		case part == ";":
			isAfter = true
		case isAfter && strings.TrimSpace(part) != "" && !strings.HasPrefix(part, "--") && !strings.HasPrefix(part, "/*"):
			return true
		}
	}

	return false
}
