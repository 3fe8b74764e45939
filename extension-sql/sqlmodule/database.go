package sqlmodule

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/grafana/sobek"
	"github.com/grafana/xk6-sql/sql"

	"inference-gap/extension-sql/failure"
	"inference-gap/extension-sql/list"
	"inference-gap/extension-sql/pgxdriver"
)

// database is what a script has of a pool that it opened.
type database struct {
	runtime *sobek.Runtime
	xk6     *sql.Database
	// args are those of the last query, used again for the next. nil while a query is on its way: an argument's getter
	// may send another.
	args []any
	// direct is the way past database/sql; nil where the pool may have more than one connection, or closes it by itself.
	direct *pgxdriver.Direct
	// context is the virtual user's.
	context func() context.Context
	// named are the arguments of a query past the pool, used again for the next.
	named []driver.NamedValue
	// handle of the sets that were asked for last.
	handle *sobek.Object
	sets   *parameterSets
}

func newDatabase(
	runtime *sobek.Runtime, opened *sql.Database, direct *pgxdriver.Direct, context func() context.Context,
) sobek.Value {
	one := &database{runtime: runtime, xk6: opened, direct: direct, context: context}
	object := runtime.NewObject()

	for name, method := range map[string]func(sobek.FunctionCall) sobek.Value{
		"query":            one.query,
		"queryValue":       one.queryValue,
		"queryValueOf":     one.queryValueOf,
		"queryOf":          one.queryOf,
		"queryWithTimeout": one.queryWithTimeout,
		"exec":             one.exec,
		"execWithTimeout":  one.execWithTimeout,
		"replaced":         one.replaced,
		"close":            one.close,
	} {
		_ = object.Set(name, method) // fails only where an object is frozen
	}

	return object
}

// text is what the script engine makes of a parameter that is a string in Go: of nothing, the empty one.
func text(given sobek.Value) string {
	if given.ExportType() == nil {
		return ""
	}

	return given.String()
}

// given are the arguments from a position on, as the script engine passes them to a Go function of any values.
func (d *database) given(call sobek.FunctionCall, from int) []any {
	args := d.args[:0]
	d.args = nil

	for i := from; i < len(call.Arguments); i++ {
		args = append(args, argument(d.runtime, call.Arguments[i]))
	}

	return args
}

// over keeps the room of the arguments, and none of their values.
func (d *database) over(args []any) {
	clear(args)
	d.args = args
}

func (d *database) query(call sobek.FunctionCall) sobek.Value {
	args := d.given(call, 1)
	defer d.over(args)

	query := text(call.Argument(0))
	if names, values, is := d.ask(query, args); is {
		return d.rowsOf(names, values)
	}

	return d.rows(d.throughPool(query, args))
}

// queryValue gives the value itself where the result is one row of one name, else what query gives: neither a list nor a row
// is made only to be taken apart again. Of columns of one name the last counts, as in a row.
func (d *database) queryValue(call sobek.FunctionCall) sobek.Value {
	args := d.given(call, 1)
	defer d.over(args)

	query := text(call.Argument(0))

	if names, values, is := d.ask(query, args); is {
		return d.valueOf(names, values)
	}

	return d.valueThroughPool(query, args)
}

// valueOf is the value of one row of one name, else the rows.
func (d *database) valueOf(names []string, values []driver.Value) sobek.Value {
	if len(values) == len(names) && isOneName(names) {
		return d.runtime.ToValue(values[len(values)-1])
	}

	return d.rowsOf(names, values)
}

func (d *database) valueThroughPool(query string, args []any) sobek.Value {
	rows, err := d.throughPool(query, args)
	if err == nil && len(rows) == 1 && len(rows[0]) == 1 {
		for _, value := range rows[0] {
			return d.runtime.ToValue(value)
		}
	}

	return d.rows(rows, err)
}

func isOneName(names []string) bool {
	for _, name := range names {
		if name != names[0] {
			return false
		}
	}

	return len(names) > 0
}

// isDirect says whether a query can go past the pool.
func (d *database) isDirect() bool {
	return d.direct != nil && d.direct.IsOpen()
}

// ask goes past the pool; false where the query has to go through it.
func (d *database) ask(query string, args []any) (names []string, values []driver.Value, is bool) {
	if !d.isDirect() {
		return nil, nil, false
	}

	named := d.named[:0]
	for _, value := range args {
		named = append(named, driver.NamedValue{Value: value})
	}

	names, values, err := d.direct.Query(d.context(), query, named)

	clear(named) // a long value is not kept
	d.named = named

	return d.answered(names, values, err)
}

// answered raises an error of a query past the pool; false where nothing was sent: the pool opens another connection.
func (d *database) answered(names []string, values []driver.Value, err error) ([]string, []driver.Value, bool) {
	if errors.Is(err, driver.ErrBadConn) {
		return nil, nil, false
	}

	d.raise(err)

	return names, values, true
}

// throughPool is xk6-sql's own way, by which the connection is made and becomes known.
func (d *database) throughPool(query string, args []any) ([]sql.KeyValue, error) {
	if d.direct != nil {
		args = append(args, d.direct)
	}

	return d.xk6.Query(query, args...)
}

func (d *database) queryWithTimeout(call sobek.FunctionCall) sobek.Value {
	args := d.given(call, 2)
	defer d.over(args)

	return d.rows(d.xk6.QueryWithTimeout(text(call.Argument(0)), text(call.Argument(1)), args...))
}

func (d *database) exec(call sobek.FunctionCall) sobek.Value {
	args := d.given(call, 1)
	defer d.over(args)

	result, err := d.xk6.Exec(text(call.Argument(0)), args...)
	d.raise(err)

	return d.runtime.ToValue(result)
}

func (d *database) execWithTimeout(call sobek.FunctionCall) sobek.Value {
	args := d.given(call, 2)
	defer d.over(args)

	result, err := d.xk6.ExecWithTimeout(text(call.Argument(0)), text(call.Argument(1)), args...)
	d.raise(err)

	return d.runtime.ToValue(result)
}

// replaced is undefined where database/sql decides which connections there are.
func (d *database) replaced(sobek.FunctionCall) sobek.Value {
	if d.direct == nil {
		return sobek.Undefined()
	}

	return d.runtime.ToValue(d.direct.Replaced())
}

func (d *database) close(sobek.FunctionCall) sobek.Value {
	d.raise(d.xk6.Close())

	return sobek.Undefined()
}

// raise throws an error with its kind.
func (d *database) raise(err error) {
	if err != nil {
		failure.Throw(d.runtime, err)
	}
}

// rows are xk6-sql's, under types that the script engine knows: no reflection when a script looks into them.
func (d *database) rows(rows []sql.KeyValue, err error) sobek.Value {
	d.raise(err)

	items := make([]any, len(rows))
	for i, row := range rows {
		items[i] = map[string]any(row)
	}

	return list.New(d.runtime, items)
}

// rowsOf are what xk6-sql makes of them.
func (d *database) rowsOf(names []string, values []driver.Value) sobek.Value {
	items := make([]any, 0, len(values)/max(1, len(names)))

	for ; len(values) > 0; values = values[len(names):] {
		row := make(map[string]any, len(names))
		for i, name := range names {
			row[name] = values[i]
		}

		items = append(items, row)
	}

	return list.New(d.runtime, items)
}
