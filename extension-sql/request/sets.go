package request

import (
	"errors"
	"fmt"

	"github.com/grafana/sobek"
	"go.k6.io/k6/js/common"

	"inference-gap/extension-sql/list"
	"inference-gap/extension-sql/named"
)

// sent is what differs from one request to the next.
type sent struct {
	// path behind the address; empty: the address itself.
	path    string
	body    string
	hasBody bool
}

// requestSets are what is sent in many requests, kept once for all virtual users and never changed: a service's bodies, as
// parameterSets are a query's parameters.
type requestSets struct {
	all []sent
}

// setStore has a process's sets by name.
type setStore = named.Store[*requestSets]

// bodyOf is a body as bytes on the wire.
func bodyOf(given sobek.Value) (body string, hasBody bool, err error) {
	if common.IsNullish(given) {
		return "", false, nil
	}

	switch value := given.Export().(type) {
	case string:
		return value, true, nil
	case sobek.ArrayBuffer:
		return string(value.Bytes()), true, nil
	}

	return "", false, fmt.Errorf("the body is %v; expected a string or an ArrayBuffer", given)
}

func pathOf(given sobek.Value) (string, error) {
	if common.IsNullish(given) {
		return "", nil
	}

	path, isText := given.Export().(string)
	if !isText {
		return "", fmt.Errorf("the path is %v; expected a string", given)
	}

	return path, nil
}

// sent is send's (body, path).
func (u *user) sent(body, path sobek.Value) sent {
	one, err := sentOf(body, path)
	if err != nil {
		u.refuse("send: %s", err)
	}

	return one
}

func sentOf(body, path sobek.Value) (one sent, err error) {
	if one.body, one.hasBody, err = bodyOf(body); err == nil {
		one.path, err = pathOf(path)
	}

	return one, err
}

// requestSets is request.requestSets(name, read).
func (u *user) requestSets(call sobek.FunctionCall) sobek.Value {
	runtime := u.vu.Runtime()

	name, isText := call.Argument(0).Export().(string)
	read, isFunction := sobek.AssertFunction(call.Argument(1))

	if !isText || name == "" || !isFunction {
		u.refuse("request.requestSets: expected a name and a function that returns an array of { path, body }, got %v and %v",
			call.Argument(0), call.Argument(1))
	}

	made, err := u.sets.Get(name, runtime, func() (*requestSets, error) {
		given, err := read(sobek.Undefined())
		if err != nil {
			return nil, err //nolint:wrapcheck // the script's own
		}

		return u.setsOf(name, given)
	})

	var thrown *sobek.Exception

	switch {
	case errors.As(err, &thrown):
		panic(err)
	case err != nil:
		u.refuse("request.requestSets: %s", err)
	}

	return runtime.ToValue(made)
}

func (u *user) setsOf(name string, given sobek.Value) (*requestSets, error) {
	items, isArray := given.(*sobek.Object)
	if _, isList := list.Exported(given).([]any); !isArray || !isList {
		return nil, fmt.Errorf("'%s' is %v; expected an array of { path, body }", name, given)
	}

	length := int(items.Get("length").ToInteger())
	made := &requestSets{all: make([]sent, length)}

	for i := range length {
		item, isObject := items.Get(fmt.Sprint(i)).(*sobek.Object)
		if !isObject {
			return nil, fmt.Errorf("'%s'[%d] is %v; expected { path, body }", name, i, items.Get(fmt.Sprint(i)))
		}

		one, err := sentOf(item.Get("body"), item.Get("path"))
		if err != nil {
			return nil, fmt.Errorf("'%s'[%d]: %w", name, i, err)
		}

		made.all[i] = one
	}

	return made, nil
}

// sets are those that a service was asked for last, by the script's handle.
type sets struct {
	handle *sobek.Object
	known  *requestSets
}

// at is the set that a script means by its handle and an index from 0.
func (s *sets) at(u *user, handle, index sobek.Value) sent {
	if object, is := handle.(*sobek.Object); !is || object != s.handle {
		known, is := handle.Export().(*requestSets)
		if !is {
			u.refuse("sendOf: sets is %v; expected what request.requestSets returned", handle)
		}

		s.handle, s.known = object, known
	}

	at := index.ToInteger()
	if !sobek.IsNumber(index) || at < 0 || at >= int64(len(s.known.all)) || float64(at) != index.ToFloat() {
		u.refuse("sendOf: index is %v; expected a whole number from 0 to %d", index, len(s.known.all)-1)
	}

	return s.known.all[at]
}
