package pgxdriver

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
	"strconv"
	"strings"

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
	// hasServed: a query by it has succeeded, so that one that its types do not fit may be the table's change.
	hasServed bool
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

// sendAgain sends a query once more whose text means something else by now: a table was made anew with other types, say. What
// was known of the text is asked for anew. Each of these errors comes before anything was executed. Within a transaction the error
// has ended it, and only the next query is helped.
func (c *conn) sendAgain(query string, args []driver.NamedValue, err error) error {
	known, described := c.statements.get(query), c.described.get(query)
	c.described.drop(query)

	if known == nil && c.mode == Extended {
		known = described
	}

	isGone, isMisfit := isStale(err), c.isMisfit(err)
	if known == nil || !isGone && !isMisfit || c.pg.IsClosed() {
		return err
	}

	if c.mode == Prepared {
		c.statements.drop(query)

		// Closing a statement that has gone is no error, in a failed transaction neither.
		if failure := c.pg.Deallocate(context.Background(), known.description.Name); failure != nil {
			return explained(failure)
		}
	}

	// One that has never served would say the same again.
	if c.pg.TxStatus() != 'I' || isMisfit && !known.hasServed {
		return err
	}

	return c.send(query, args)
}

// isMisfit is true where the text no longer fits the types of before (class 42), or a value is none of them, and the server said
// so before it took the values.
func (c *conn) isMisfit(err error) bool {
	const noneOfTheType, outOfRange, noTime, noSuchTime = "22P02", "22003", "22007", "22008"

	var said SQLError
	if c.isBound || !errors.As(err, &said) {
		return false
	}

	switch said.Code {
	case noneOfTheType, outOfRange, noTime, noSuchTime:
		return true
	default:
		return strings.HasPrefix(said.Code, "42")
	}
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
