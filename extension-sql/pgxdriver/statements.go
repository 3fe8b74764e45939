package pgxdriver

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
)

// maxStatements bounds the prepared statements of a connection; a script that writes values into its texts would
// otherwise fill the server's memory. It is pgx's own default.
const maxStatements = 512

// statement is a text that this connection has prepared.
type statement struct {
	text          string
	description   *pgconn.StatementDescription
	shape         *resultShape // nil: the server describes the columns with each result
	resultFormats []int16
}

// statementCache keeps the most recently used statements of one connection, by their text.
type statementCache struct {
	byText map[string]*list.Element
	recent *list.List // of *statement, most recently used first
	serial int
}

func newStatementCache() *statementCache {
	return &statementCache{byText: make(map[string]*list.Element), recent: list.New()}
}

func (c *statementCache) get(text string) *statement {
	element, found := c.byText[text]
	if !found {
		return nil
	}

	if c.recent.Front() != element {
		c.recent.MoveToFront(element)
	}

	return element.Value.(*statement) //nolint:forcetypeassert // the list holds nothing else
}

// put adds a statement and returns the one that had to go for it, if any.
func (c *statementCache) put(s *statement) *statement {
	c.byText[s.text] = c.recent.PushFront(s)
	if c.recent.Len() <= maxStatements {
		return nil
	}

	oldest := c.recent.Back().Value.(*statement) //nolint:forcetypeassert // the list holds nothing else
	c.drop(oldest.text)

	return oldest
}

func (c *statementCache) drop(text string) {
	if element, found := c.byText[text]; found {
		c.recent.Remove(element)
		delete(c.byText, text)
	}
}

// prepare takes one round trip, and another where an older statement has to go.
func (c *conn) prepare(query string) (*statement, error) {
	c.statements.serial++ // a name is never used twice, so that one that went with DISCARD ALL is no obstacle

	name := "gap_" + strconv.Itoa(c.statements.serial)

	description, err := c.pg.Prepare(context.Background(), name, query, nil)
	if err != nil {
		return nil, c.prepareError(err)
	}

	shape := preparedShape(description.Fields)
	if err := c.types.learn(context.Background(), c.pg, append(shape.oids(), description.ParamOIDs...)); err != nil {
		return nil, err
	}

	made := &statement{text: query, description: description, shape: shape, resultFormats: shape.formats()}

	if old := c.statements.put(made); old != nil {
		if err := c.pg.Deallocate(context.Background(), old.description.Name); err != nil {
			return nil, c.prepareError(err)
		}
	}

	return made, nil
}

// prepareError allows another connection where this one was found broken before a byte was sent.
func (c *conn) prepareError(err error) error {
	if c.pg.IsClosed() && pgconn.SafeToRetry(err) {
		return driver.ErrBadConn
	}

	return explained(err)
}

// sendAgain prepares a statement anew that the server no longer takes. Either error comes from the Bind message: nothing
// was executed. Within a transaction the error has ended it, and only the next query is helped.
func (c *conn) sendAgain(query string, args []driver.NamedValue, err error) error {
	stale := c.statements.get(query)
	if stale == nil || !isStale(err) || c.pg.IsClosed() {
		return err
	}

	c.statements.drop(query)

	// Closing a statement that has gone is no error, in a failed transaction neither.
	if failure := c.pg.Deallocate(context.Background(), stale.description.Name); failure != nil {
		return explained(failure)
	}

	if c.pg.TxStatus() != 'I' {
		return err
	}

	return c.send(query, args)
}

// isStale is true after DISCARD ALL or DEALLOCATE ALL, and for "cached plan must not change result type". The latter
// shares its SQLSTATE with all that Postgres does not support, which a second try would only do twice; the routine tells
// them apart (src/backend/utils/cache/plancache.c).
func isStale(err error) bool {
	var said SQLError
	if !errors.As(err, &said) {
		return false
	}

	const invalidStatementName, featureNotSupported = "26000", "0A000"

	return said.Code == invalidStatementName ||
		said.Code == featureNotSupported && said.Routine == "RevalidateCachedQuery"
}
