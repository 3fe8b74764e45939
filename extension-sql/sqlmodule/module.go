// Package sqlmodule is `k6/x/sql`: xk6-sql as it is, behind an adapter that makes calling it cheaper.
//
// xk6-sql hands its Database to the script engine as a Go value. Each `db.query` then finds the method by reflection, makes
// a function of it, converts the arguments by reflection and wraps each row, a quarter of what a query costs the client.
// The adapter is an object whose methods are functions already. What they call is xk6-sql's, but for queries of a pool of one
// connection, which go to the driver itself; what they return is what xk6-sql returns, but for queryValue and
// queryValueOf, which it has not.
package sqlmodule

import (
	"context"

	"github.com/grafana/sobek"
	"github.com/grafana/xk6-sql/sql"
	"go.k6.io/k6/js/common"
	"go.k6.io/k6/js/modules"

	"inference-gap/extension-sql/pgxdriver"
)

func init() { //nolint:gochecknoinits // how k6 learns of extensions
	modules.Register(sql.ImportPath, New())
}

// New makes the module.
func New() modules.Module {
	return root{sql.New(), &setStore{}}
}

type root struct {
	xk6  modules.Module
	sets *setStore
}

// NewModuleInstance is called by k6 once for each virtual user.
func (r root) NewModuleInstance(vu modules.VU) modules.Instance {
	runtime := vu.Runtime()
	user := &detachedVU{VU: vu}
	theirs := r.xk6.NewModuleInstance(user)

	open, isFunction := sobek.AssertFunction(runtime.ToValue(theirs.Exports().Named["open"]))
	if !isFunction {
		return theirs
	}

	ours := runtime.ToValue(func(call sobek.FunctionCall) sobek.Value {
		opened, err := open(call.This, call.Arguments...)
		if err != nil {
			panic(err)
		}

		if made, is := opened.Export().(*sql.Database); is {
			return newDatabase(runtime, made, directFor(runtime, call), user.Context)
		}

		return opened
	})

	named := map[string]any{
		"open": ours,
		"parameterSets": func(call sobek.FunctionCall) sobek.Value {
			return setsNamed(r.sets, runtime, call)
		},
	}
	object := runtime.NewObject()

	for name, value := range named {
		_ = object.Set(name, value) // fails only where an object is frozen
	}

	return instance{modules.Exports{Default: object, Named: named}}
}

// directFor looks at what open was given: our driver, and a pool of one connection that nothing but the script closes.
func directFor(runtime *sobek.Runtime, call sobek.FunctionCall) *pgxdriver.Direct {
	name, isSymbol := call.Argument(0).(*sobek.Symbol)
	given := call.Argument(2)

	if !isSymbol || name.String() != pgxdriver.Name || common.IsNullish(given) {
		return nil
	}

	options := given.ToObject(runtime)
	if most := options.Get("max_open_conns"); most == nil || most.ToInteger() != 1 {
		return nil
	}

	for _, name := range []string{"conn_max_lifetime", "conn_max_idle_time"} {
		if options.Get(name) != nil {
			return nil
		}
	}

	return &pgxdriver.Direct{}
}

type instance struct {
	exports modules.Exports
}

// Exports gives all both by name and on the default export.
func (i instance) Exports() modules.Exports {
	return i.exports
}

// detachedVU shows xk6-sql contexts for which database/sql has nothing to do; see pgxdriver.Detach.
type detachedVU struct {
	modules.VU

	// k6 has one context an iteration.
	whole, detached context.Context //nolint:containedctx // kept for the iteration's other queries
}

// Context is asked for with each query.
func (u *detachedVU) Context() context.Context {
	if current := u.VU.Context(); current != u.whole {
		u.whole, u.detached = current, pgxdriver.Detach(current)
	}

	return u.detached
}
