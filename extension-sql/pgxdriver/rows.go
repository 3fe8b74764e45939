package pgxdriver

import (
	"database/sql/driver"
	"io"
)

// rows is a result that has been read to its end without an error.
type rows struct {
	columns []column
	values  [][]driver.Value
	next    int
}

func (r *rows) Columns() []string {
	names := make([]string, len(r.columns))
	for i, each := range r.columns {
		names[i] = each.name
	}

	return names
}

func (r *rows) Close() error {
	return nil
}

func (r *rows) Next(destination []driver.Value) error {
	if r.next == len(r.values) {
		return io.EOF
	}

	copy(destination, r.values[r.next])
	r.next++

	return nil
}
