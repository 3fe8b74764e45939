package pgxdriver

import (
	"container/list"

	"github.com/jackc/pgx/v5/pgconn"
)

// maxStatements bounds the prepared statements of a connection; a script that writes values into its texts would
// otherwise fill the server's memory. It is pgx's own default.
const maxStatements = 512

// statement is a text that this connection has prepared.
type statement struct {
	text          string
	description   *pgconn.StatementDescription
	resultFormats []int16
	columns       []column
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
