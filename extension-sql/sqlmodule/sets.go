package sqlmodule

import (
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/grafana/sobek"

	"inference-gap/extension-sql/named"
)

// parameterSets are the parameters of many queries, kept once for all virtual users and never changed. Where each user has
// values of its own, a query finds them in no cache: at a hundred users that was a tenth of what it cost the client.
type parameterSets struct {
	all [][]driver.NamedValue
}

// setStore has a process's sets by name.
type setStore = named.Store[*parameterSets]

// parameterSets is sql.parameterSets(name, read).
func setsNamed(store *setStore, runtime *sobek.Runtime, call sobek.FunctionCall) sobek.Value {
	read, isFunction := sobek.AssertFunction(call.Argument(1))
	if name, isText := call.Argument(0).Export().(string); !isText || name == "" || !isFunction {
		panic(runtime.NewTypeError("sql.parameterSets: expected a name and a function that returns an array of arrays, got %v and %v",
			call.Argument(0), call.Argument(1)))
	}

	made, err := store.Get(call.Argument(0).String(), runtime, func() (*parameterSets, error) {
		given, err := read(sobek.Undefined())
		if err != nil {
			return nil, err //nolint:wrapcheck // the script's own
		}

		return setsOf(runtime, call.Argument(0).String(), given)
	})

	var thrown *sobek.Exception

	switch {
	case errors.As(err, &thrown):
		panic(err)
	case err != nil:
		panic(runtime.NewTypeError("sql.parameterSets: %s", err))
	}

	return runtime.ToValue(made)
}

func setsOf(runtime *sobek.Runtime, name string, given sobek.Value) (*parameterSets, error) {
	rows, isArray := argument(runtime, given).([]any)
	if !isArray {
		return nil, fmt.Errorf("'%s' is %v; expected an array of arrays", name, given)
	}

	made := &parameterSets{all: make([][]driver.NamedValue, len(rows))}

	for i, row := range rows {
		values, isArray := row.([]any)
		if !isArray {
			return nil, fmt.Errorf("'%s'[%d] is %v; expected an array", name, i, row)
		}

		for position, value := range values {
			made.all[i] = append(made.all[i], driver.NamedValue{Ordinal: position + 1, Value: owned(value)})
		}
	}

	return made, nil
}

// setAt is the set that a script means by its handle and an index from 0.
func (d *database) setAt(method string, handle, index sobek.Value) []driver.NamedValue {
	if object, is := handle.(*sobek.Object); !is || object != d.handle {
		sets, is := handle.Export().(*parameterSets)
		if !is {
			panic(d.runtime.NewTypeError("%s: sets is %v; expected what sql.parameterSets returned", method, handle))
		}

		d.handle, d.sets = object, sets
	}

	at := index.ToInteger()
	if !sobek.IsNumber(index) || at < 0 || at >= int64(len(d.sets.all)) || float64(at) != index.ToFloat() {
		panic(d.runtime.NewTypeError("%s: index is %v; expected a whole number from 0 to %d",
			method, index, len(d.sets.all)-1))
	}

	return d.sets.all[at]
}

// queryValueOf is queryValue with one of the sets.
func (d *database) queryValueOf(call sobek.FunctionCall) sobek.Value {
	query := text(call.Argument(0))
	set := d.setAt("queryValueOf", call.Argument(1), call.Argument(2))

	if names, values, is := d.askWith(query, set); is {
		return d.valueOf(names, values)
	}

	return d.valueThroughPool(query, valuesOf(set))
}

// queryOf is query with one of the sets.
func (d *database) queryOf(call sobek.FunctionCall) sobek.Value {
	query := text(call.Argument(0))
	set := d.setAt("queryOf", call.Argument(1), call.Argument(2))

	if names, values, is := d.askWith(query, set); is {
		return d.rowsOf(names, values)
	}

	return d.rows(d.throughPool(query, valuesOf(set)))
}

// askWith goes past the pool; false where the query has to go through it.
func (d *database) askWith(query string, set []driver.NamedValue) (names []string, values []driver.Value, is bool) {
	if !d.isDirect() {
		return nil, nil, false
	}

	return d.answered(d.direct.Query(d.context(), query, set))
}

func valuesOf(set []driver.NamedValue) []any {
	args := make([]any, len(set))
	for i := range set {
		args[i] = set[i].Value
	}

	return args
}
