package pgxdriver

import (
	"database/sql/driver"
	"io"
)

// keptValues bounds what a connection keeps of a large result for the next one.
const keptValues = 1024

// rows is a result that has been read to its end without an error. A connection has one, used again for each query:
// database/sql gives a connection back only after it has closed the rows, and Direct's user has taken what it needs.
type rows struct {
	names  []string
	values []driver.Value // row after row
	next   int
}

func (r *rows) reset() {
	if cap(r.values) > keptValues {
		r.values = nil
	}

	clear(r.values)
	r.names, r.values, r.next = nil, r.values[:0], 0
}

func (r *rows) Columns() []string {
	return r.names
}

func (r *rows) Close() error {
	return nil
}

func (r *rows) Next(destination []driver.Value) error {
	if r.next == len(r.values) {
		return io.EOF
	}

	r.next += copy(destination, r.values[r.next:r.next+len(r.names)])

	return nil
}
