// Package clock gives scripts a monotonic clock finer than a request: k6 has no performance.now(), and Date.now()
// ticks in milliseconds, longer than a whole query (https://github.com/grafana/k6/issues/2362).
package clock

import (
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/js/modules"
)

// ImportPath is the module's path in scripts.
const ImportPath = "k6/x/clock"

// origin is the zero of every virtual user's clock.
var origin = time.Now() //nolint:gochecknoglobals // one clock a process is the point

func init() { //nolint:gochecknoinits // how k6 learns of extensions
	modules.Register(ImportPath, New())
}

// Now returns the time since the process's zero; it never goes back.
func Now() time.Duration {
	return time.Since(origin)
}

// Time returns the time of day at a moment of this clock.
func Time(at time.Duration) time.Time {
	return origin.Add(at)
}

// OriginUnixMilli returns the clock's zero as milliseconds since 1970.
func OriginUnixMilli() float64 {
	return float64(origin.UnixMicro()) / 1e3
}

// Milliseconds converts a duration to what scripts see: floating milliseconds.
func Milliseconds(duration time.Duration) float64 {
	return float64(duration) / float64(time.Millisecond)
}

// New makes the module; all of them share one zero.
func New() modules.Module {
	return module{}
}

type module struct{}

func (module) NewModuleInstance(vu modules.VU) modules.Instance {
	runtime := vu.Runtime()
	now := runtime.ToValue(func(sobek.FunctionCall) sobek.Value {
		return runtime.ToValue(Milliseconds(Now()))
	})

	// An object of the runtime's own: a Go map would be looked into by reflection with each call.
	object := runtime.NewObject()
	origin := runtime.ToValue(func(sobek.FunctionCall) sobek.Value {
		return runtime.ToValue(OriginUnixMilli())
	})
	named := map[string]any{"now": now, "origin": origin}

	for name, function := range named {
		_ = object.Set(name, function) // fails only where an object is frozen
	}

	return instance{modules.Exports{Default: object, Named: named}}
}

type instance struct {
	exports modules.Exports
}

// Exports gives both by name and on the default export.
func (i instance) Exports() modules.Exports {
	return i.exports
}
