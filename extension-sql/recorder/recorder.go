// Package recorder keeps the latencies of a test in HDR histograms, one series for each side and
// block, shared by all virtual users.
//
// k6's own Trend keeps every sample (https://github.com/grafana/k6/issues/763); here memory stays flat, and all sides cost
// the client the same.
package recorder

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/js/common"
	"go.k6.io/k6/js/modules"

	"inference-gap/extension-sql/clock"
)

// ImportPath is the module's path in scripts.
const ImportPath = "k6/x/recorder"

func init() { //nolint:gochecknoinits // how k6 learns of extensions
	modules.Register(ImportPath, New())
}

// Root is the module of one process; all virtual users share what it records.
type Root struct {
	store     *store
	collector *collector
}

// New makes a module that has recorded nothing.
func New() *Root {
	return &Root{store: newStore(), collector: &collector{}}
}

// NewModuleInstance is called by k6 once for each virtual user.
func (r *Root) NewModuleInstance(vu modules.VU) modules.Instance {
	user := &user{
		vu: vu, store: r.store, collector: r.collector,
		metrics: map[string]requestMetrics{}, samplers: map[[2]string]*sampler{}, shards: map[partOf]*shard{},
	}

	if env := vu.InitEnv(); env != nil {
		for _, protocol := range protocols {
			user.metrics[protocol] = registerMetrics(env.Registry, protocol)
		}
	}

	return user
}

// user is the module as one virtual user sees it.
type user struct {
	vu        modules.VU
	store     *store
	collector *collector
	metrics   map[string]requestMetrics
	// samplers are this user's, by protocol and side.
	samplers map[[2]string]*sampler
	// shards are this user's own of the series that it is not done with.
	shards map[partOf]*shard
}

// partOf is a part of the side in a series.
type partOf struct {
	series *series
	part   string
}

// Exports gives everything both by name and on the default export.
func (u *user) Exports() modules.Exports {
	named := map[string]any{
		"series":  u.series,
		"export":  u.export,
		"retire":  u.retire,
		"save":    u.save,
		"tryFile": u.tryFile,
	}

	return modules.Exports{Default: named, Named: named}
}

func (u *user) refuse(format string, args ...any) {
	panic(u.vu.Runtime().NewTypeError(fmt.Sprintf(format, args...)))
}

// series opens the series of a side and block for this virtual user.
func (u *user) series(call sobek.FunctionCall) sobek.Value {
	runtime := u.vu.Runtime()

	given := call.Argument(0)
	if common.IsNullish(given) {
		u.refuse("recorder.series: expected an object {side, block, metric, part}, got %s", given)
	}

	options := given.ToObject(runtime)

	text := func(name string) string {
		value, isText := options.Get(name), false
		if value != nil {
			_, isText = value.Export().(string)
		}

		if !isText || value.String() == "" {
			u.refuse("recorder.series: %s is %v; expected a string that is not empty", name, value)
		}

		return value.String()
	}

	for _, name := range options.Keys() {
		if !slices.Contains([]string{"side", "block", "metric", "part"}, name) {
			u.refuse("recorder.series: there is no option %q; expected side, block, metric or part", name)
		}
	}

	protocol := ""

	if metric := options.Get("metric"); !common.IsNullish(metric) {
		if protocol = metric.String(); !slices.Contains(protocols, protocol) {
			u.refuse("recorder.series: metric is %v; expected 'http', 'sql' or none", metric)
		}
	}

	part := ""
	if given := options.Get("part"); !common.IsNullish(given) {
		part = text("part")
	}

	side, block := text("side"), text("block")
	into := u.open(side, block, part)

	var samples *sampler
	if protocol != "" {
		samples = u.sampler(protocol, side)
	}

	made := runtime.NewObject()
	for name, value := range map[string]any{
		"record":         u.recordUntilNow(into, samples),
		"lap":            u.lap(into, samples),
		"recordDuration": u.recordDuration(into, samples),
	} {
		if err := made.Set(name, value); err != nil {
			common.Throw(runtime, err)
		}
	}

	return made
}

func (u *user) sampler(protocol, side string) *sampler {
	key := [2]string{protocol, side}

	one := u.samplers[key]
	if one == nil {
		one = &sampler{vu: u.vu, metrics: u.metrics[protocol], side: side, collector: u.collector}
		u.samplers[key] = one
	}

	return one
}

// open gives this user its shard, the same one each time until it is done with it.
func (u *user) open(side, block, part string) *shard {
	into := partOf{u.store.series(side, block), part}

	made := u.shards[into]
	if made == nil {
		made = into.series.join(part)
		u.shards[into] = made
	}

	return made
}

// retire hands in what this virtual user has recorded.
func (u *user) retire(sobek.FunctionCall) sobek.Value {
	for _, each := range u.shards {
		each.retire()
	}

	clear(u.shards)

	return sobek.Undefined()
}

// mostMilliseconds is some 29 years: more is no duration, and would not fit the clock's nanoseconds.
const mostMilliseconds = 9e11

func fromMilliseconds(ms float64) time.Duration {
	return time.Duration(ms * float64(time.Millisecond))
}

var (
	wholeType    = reflect.TypeOf(int64(0))   //nolint:gochecknoglobals // immutable
	floatingType = reflect.TypeOf(float64(0)) //nolint:gochecknoglobals // immutable
)

// number is strict: neither '1' nor {} is one.
func number(value sobek.Value) (float64, bool) {
	if kind := value.ExportType(); kind != wholeType && kind != floatingType {
		return 0, false
	}

	ms := value.ToFloat()

	return ms, !math.IsNaN(ms) && !math.IsInf(ms, 0)
}

// recordUntilNow is series.record(startedAt, ok, label, kind, message): the request ends with the call.
func (u *user) recordUntilNow(into *shard, samples *sampler) func(sobek.FunctionCall) sobek.Value {
	return func(call sobek.FunctionCall) sobek.Value {
		return u.milliseconds(u.countUntilNow("record", into, samples, call))
	}
}

// lap is series.lap(startedAt, ok, label, kind, message): what it returns is the clock once all that belongs to this request is done, so that
// none of it is part of the next.
func (u *user) lap(into *shard, samples *sampler) func(sobek.FunctionCall) sobek.Value {
	return func(call sobek.FunctionCall) sobek.Value {
		u.countUntilNow("lap", into, samples, call)

		return u.milliseconds(clock.Now())
	}
}

func (u *user) milliseconds(duration time.Duration) sobek.Value {
	return u.vu.Runtime().ToValue(clock.Milliseconds(duration))
}

func (u *user) countUntilNow(function string, into *shard, samples *sampler, call sobek.FunctionCall) time.Duration {
	end := clock.Now()

	started, isNumber := number(call.Argument(0))
	if !isNumber || started < 0 || started > clock.Milliseconds(end)+rounding {
		u.refuse("series.%s: startedAt is %v; expected milliseconds of the clock, not later than now (%v)",
			function, call.Argument(0), clock.Milliseconds(end))
	}

	latency := max(0, end-fromMilliseconds(started))
	u.count(function, into, samples, end, latency, call)

	return latency
}

// rounding is far above what floating milliseconds lose, far below any latency.
const rounding = 1e-5

// recordDuration is series.recordDuration(ms, ok, label, kind, message): the latency counts from an intended start.
func (u *user) recordDuration(into *shard, samples *sampler) func(sobek.FunctionCall) sobek.Value {
	return func(call sobek.FunctionCall) sobek.Value {
		end := clock.Now()

		ms, isNumber := number(call.Argument(0))
		if !isNumber || ms < 0 || ms > mostMilliseconds {
			u.refuse("series.recordDuration: durationMs is %v; expected milliseconds, 0 or more", call.Argument(0))
		}

		latency := fromMilliseconds(ms)
		u.count("recordDuration", into, samples, end, latency, call)

		return u.milliseconds(latency)
	}
}

func (u *user) count(
	function string, into *shard, samples *sampler, end, latency time.Duration, call sobek.FunctionCall,
) {
	ok, isBoolean := call.Argument(1).Export().(bool)
	if !isBoolean {
		u.refuse("series.%s: ok is %v; expected true or false", function, call.Argument(1))
	}

	label := ""

	if given := call.Argument(2); !common.IsNullish(given) {
		text, isText := given.Export().(string)
		if !isText {
			u.refuse("series.%s: label is %v; expected a string or none", function, given)
		}

		label = text
	}

	if samples != nil && u.vu.State() == nil {
		u.refuse("series.%s: a series with a metric works only while the test runs, not in the init context", function)
	}

	failed := reason{}
	if !ok {
		failed = reasonOf(call)
	}

	into.record(end, latency, ok, label, failed)

	if samples != nil {
		samples.push(end, latency, ok)
	}
}

// export gives scripts plain objects, so that they can be read and written as JSON alike.
func (u *user) export(sobek.FunctionCall) sobek.Value {
	runtime := u.vu.Runtime()

	recorded, err := u.store.export()
	if err != nil {
		common.Throw(runtime, err)
	}

	text, err := json.Marshal(recorded)
	if err != nil {
		common.Throw(runtime, err)
	}

	parse, _ := sobek.AssertFunction(runtime.Get("JSON").ToObject(runtime).Get("parse"))

	value, err := parse(sobek.Undefined(), runtime.ToValue(string(text)))
	if err != nil {
		common.Throw(runtime, err)
	}

	return value
}
