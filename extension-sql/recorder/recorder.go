// Package recorder keeps the latencies of a test in HDR histograms and counts per 100 ms, one series for each target and
// block, shared by all virtual users.
//
// k6's own Trend keeps every sample (https://github.com/grafana/k6/issues/763) and knows no steady window; here memory
// stays flat, a rate comes from a block's own window, and both targets cost the client the same.
package recorder

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/js/common"
	"go.k6.io/k6/js/modules"
	"go.k6.io/k6/metrics"

	"inference-gap/extension-sql/clock"
)

// ImportPath is the module's path in scripts.
const ImportPath = "k6/x/recorder"

func init() { //nolint:gochecknoinits // how k6 learns of extensions
	modules.Register(ImportPath, New())
}

// Root is the module of one process; all virtual users share what it records.
type Root struct {
	store *store
}

// New makes a module that has recorded nothing.
func New() *Root {
	return &Root{store: newStore()}
}

// NewModuleInstance is called by k6 once for each virtual user.
func (r *Root) NewModuleInstance(vu modules.VU) modules.Instance {
	user := &user{vu: vu, store: r.store}

	if env := vu.InitEnv(); env != nil {
		user.sql = sqlMetrics{
			duration: env.Registry.MustNewMetric("sql_req_duration", metrics.Trend, metrics.Time),
			requests: env.Registry.MustNewMetric("sql_reqs", metrics.Counter),
			failed:   env.Registry.MustNewMetric("sql_req_failed", metrics.Rate),
		}
	}

	return user
}

// sqlMetrics mirror k6's http_req_duration, http_reqs and http_req_failed.
type sqlMetrics struct {
	duration, requests, failed *metrics.Metric
}

// user is the module as one virtual user sees it.
type user struct {
	vu    modules.VU
	store *store
	sql   sqlMetrics
}

// Exports gives everything both by name and on the default export.
func (u *user) Exports() modules.Exports {
	named := map[string]any{
		"series":               u.series,
		"export":               u.export,
		"closeIdleConnections": u.closeIdleConnections,
	}

	return modules.Exports{Default: named, Named: named}
}

func (u *user) refuse(format string, args ...any) {
	panic(u.vu.Runtime().NewTypeError(fmt.Sprintf(format, args...)))
}

// series opens the series of a target and block for this virtual user.
func (u *user) series(call sobek.FunctionCall) sobek.Value {
	runtime := u.vu.Runtime()

	given := call.Argument(0)
	if common.IsNullish(given) {
		u.refuse("recorder.series: expected an object {target, block, from, to, metric}, got %s", given)
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
	at := func(name string) time.Duration {
		value := options.Get(name)
		if common.IsNullish(value) {
			return 0
		}

		ms := value.ToFloat()
		if math.IsNaN(ms) || ms < 0 {
			u.refuse("recorder.series: %s is %v; expected milliseconds of the clock, 0 or more", name, value)
		}

		return fromMilliseconds(ms)
	}

	from, to := at("from"), at("to")
	if to > 0 && to <= from {
		u.refuse("recorder.series: to (%v) must be later than from (%v)", options.Get("to"), options.Get("from"))
	}

	withSQL := false

	if metric := options.Get("metric"); !common.IsNullish(metric) {
		if metric.String() != "sql" {
			u.refuse("recorder.series: metric is %v; expected 'sql' or none", metric)
		}

		withSQL = true
	}

	into := u.store.series(text("target"), text("block"), from, to)

	made := runtime.NewObject()
	for name, value := range map[string]any{
		"client":         into.join(),
		"record":         u.recordUntilNow(into, withSQL),
		"recordDuration": u.recordDuration(into, withSQL),
	} {
		if err := made.Set(name, value); err != nil {
			common.Throw(runtime, err)
		}
	}

	return made
}

func fromMilliseconds(ms float64) time.Duration {
	return time.Duration(ms * float64(time.Millisecond))
}

// recordUntilNow is series.record(startedAt, ok, label): the request ends with the call.
func (u *user) recordUntilNow(into *series, withSQL bool) func(sobek.FunctionCall) sobek.Value {
	return func(call sobek.FunctionCall) sobek.Value {
		end := clock.Now()
		started := u.milliseconds(call, "record", "startedAt")

		return u.record(into, withSQL, end, end-started, call)
	}
}

// recordDuration is series.recordDuration(ms, ok, label): the latency counts from an intended start.
func (u *user) recordDuration(into *series, withSQL bool) func(sobek.FunctionCall) sobek.Value {
	return func(call sobek.FunctionCall) sobek.Value {
		return u.record(into, withSQL, clock.Now(), u.milliseconds(call, "recordDuration", "durationMs"), call)
	}
}

func (u *user) milliseconds(call sobek.FunctionCall, function, name string) time.Duration {
	ms := call.Argument(0).ToFloat()
	if math.IsNaN(ms) || math.IsInf(ms, 0) {
		u.refuse("series.%s: %s is %v; expected milliseconds", function, name, call.Argument(0))
	}

	return fromMilliseconds(ms)
}

func (u *user) record(
	into *series, withSQL bool, end, latency time.Duration, call sobek.FunctionCall,
) sobek.Value {
	ok := call.Argument(1).ToBoolean()

	label := ""
	if given := call.Argument(2); !common.IsNullish(given) {
		label = given.String()
	}

	into.record(end, max(0, latency), ok, label)

	if withSQL {
		u.push(latency, ok)
	}

	return u.vu.Runtime().ToValue(clock.Milliseconds(latency))
}

// push gives k6 its samples, all three at once.
func (u *user) push(latency time.Duration, ok bool) {
	state := u.vu.State()
	if state == nil {
		u.refuse("series.record: a series with metric 'sql' works only while the test runs, not in the init context")
	}

	now := time.Now()
	current := state.Tags.GetCurrentValues()
	sample := func(metric *metrics.Metric, value float64) metrics.Sample {
		return metrics.Sample{
			TimeSeries: metrics.TimeSeries{Metric: metric, Tags: current.Tags},
			Time:       now,
			Metadata:   current.Metadata,
			Value:      value,
		}
	}

	failed := 0.0
	if !ok {
		failed = 1
	}

	metrics.PushIfNotDone(u.context(), state.Samples, metrics.ConnectedSamples{
		Samples: []metrics.Sample{
			sample(u.sql.requests, 1),
			sample(u.sql.duration, clock.Milliseconds(latency)),
			sample(u.sql.failed, failed),
		},
		Tags: current.Tags,
		Time: now,
	})
}

func (u *user) context() context.Context {
	return u.vu.Context()
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

// closeIdleConnections closes this virtual user's HTTP connections, so that its next request opens one anew.
func (u *user) closeIdleConnections(sobek.FunctionCall) sobek.Value {
	state := u.vu.State()
	if state == nil {
		u.refuse("recorder.closeIdleConnections: works only while the test runs, not in the init context")
	}

	if transport, can := state.Transport.(interface{ CloseIdleConnections() }); can {
		transport.CloseIdleConnections()
	}

	return sobek.Undefined()
}
