package sqlmodule

import (
	"github.com/grafana/sobek"
	"github.com/grafana/xk6-sql/sql"

	"inference-gap/extension-sql/list"
)

// database is what a script has of a pool that it opened.
type database struct {
	runtime *sobek.Runtime
	xk6     *sql.Database
	// args are those of the last query, used again for the next. nil while a query is on its way: an argument's getter
	// may send another.
	args []any
}

func newDatabase(runtime *sobek.Runtime, opened *sql.Database) sobek.Value {
	one := &database{runtime: runtime, xk6: opened}
	object := runtime.NewObject()

	for name, method := range map[string]func(sobek.FunctionCall) sobek.Value{
		"query":            one.query,
		"queryWithTimeout": one.queryWithTimeout,
		"exec":             one.exec,
		"execWithTimeout":  one.execWithTimeout,
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
		args = append(args, list.Exported(call.Arguments[i]))
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

	return d.rows(d.xk6.Query(text(call.Argument(0)), args...))
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

func (d *database) close(sobek.FunctionCall) sobek.Value {
	d.raise(d.xk6.Close())

	return sobek.Undefined()
}

// raise throws an error of Go as the script engine does.
func (d *database) raise(err error) {
	if err != nil {
		panic(d.runtime.NewGoError(err))
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
