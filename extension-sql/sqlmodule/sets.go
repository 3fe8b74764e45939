package sqlmodule

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/grafana/sobek"
)

// parameterSets are the parameters of many queries, kept once for all virtual users and never changed. Where each user has
// values of its own, a query finds them in no cache: at a hundred users that was a tenth of what it cost the client.
type parameterSets struct {
	all [][]driver.NamedValue
}

// setStore has a process's sets by name.
type setStore struct {
	mu     sync.Mutex
	byName map[string]*namedSets
}

type namedSets struct {
	mu   sync.Mutex
	made *parameterSets
	// reader is the virtual user that makes them.
	reader atomic.Pointer[sobek.Runtime]
}

// named makes them at most once; other users wait meanwhile.
func (s *setStore) named(name string, user *sobek.Runtime, read func() (*parameterSets, error)) (*parameterSets, error) {
	s.mu.Lock()

	one := s.byName[name]
	if one == nil {
		one = &namedSets{}
		s.byName[name] = one
	}

	s.mu.Unlock()

	if one.reader.Load() == user {
		return nil, fmt.Errorf("sql.parameterSets: '%s' is asked for while it is read; expected another name", name)
	}

	one.mu.Lock()
	defer one.mu.Unlock()

	if one.made != nil {
		return one.made, nil
	}

	one.reader.Store(user)
	defer one.reader.Store(nil)

	var err error

	one.made, err = read()

	return one.made, err
}

// parameterSets is sql.parameterSets(name, read).
func (s *setStore) parameterSets(runtime *sobek.Runtime, call sobek.FunctionCall) sobek.Value {
	read, isFunction := sobek.AssertFunction(call.Argument(1))
	if name, isText := call.Argument(0).Export().(string); !isText || name == "" || !isFunction {
		panic(runtime.NewTypeError("sql.parameterSets: expected a name and a function that returns an array of arrays, got %v and %v",
			call.Argument(0), call.Argument(1)))
	}

	made, err := s.named(call.Argument(0).String(), runtime, func() (*parameterSets, error) {
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
		panic(runtime.NewTypeError("%s", err))
	}

	return runtime.ToValue(made)
}

func setsOf(runtime *sobek.Runtime, name string, given sobek.Value) (*parameterSets, error) {
	rows, isArray := argument(runtime, given).([]any)
	if !isArray {
		return nil, fmt.Errorf("sql.parameterSets: '%s' is %v; expected an array of arrays", name, given)
	}

	made := &parameterSets{all: make([][]driver.NamedValue, len(rows))}

	for i, row := range rows {
		values, isArray := row.([]any)
		if !isArray {
			return nil, fmt.Errorf("sql.parameterSets: '%s'[%d] is %v; expected an array", name, i, row)
		}

		for position, value := range values {
			made.all[i] = append(made.all[i], driver.NamedValue{Ordinal: position + 1, Value: owned(value)})
		}
	}

	return made, nil
}

// setAt is the set that a script means by its handle and an index from 0.
func (d *database) setAt(handle, index sobek.Value) []driver.NamedValue {
	if object, is := handle.(*sobek.Object); !is || object != d.handle {
		sets, is := handle.Export().(*parameterSets)
		if !is {
			panic(d.runtime.NewTypeError("queryValueOf: sets is %v; expected what sql.parameterSets returned", handle))
		}

		d.handle, d.sets = object, sets
	}

	at := index.ToInteger()
	if !sobek.IsNumber(index) || at < 0 || at >= int64(len(d.sets.all)) || float64(at) != index.ToFloat() {
		panic(d.runtime.NewTypeError("queryValueOf: index is %v; expected a whole number from 0 to %d",
			index, len(d.sets.all)-1))
	}

	return d.sets.all[at]
}

// queryValueOf is queryValue with one of the sets.
func (d *database) queryValueOf(call sobek.FunctionCall) sobek.Value {
	query := text(call.Argument(0))
	set := d.setAt(call.Argument(1), call.Argument(2))

	if d.isDirect() {
		if names, values, is := d.answered(d.direct.Query(d.context(), query, set)); is {
			return d.valueOf(names, values)
		}
	}

	args := make([]any, len(set))
	for i := range set {
		args[i] = set[i].Value
	}

	return d.valueThroughPool(query, args)
}
