package recorder_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/require"
	"go.k6.io/k6/js/modulestest"
	"go.k6.io/k6/lib"
	"go.k6.io/k6/metrics"

	"inference-gap/extension-sql/clock"
	"inference-gap/extension-sql/recorder"
)

type user struct {
	*modulestest.Runtime
	samples chan metrics.SampleContainer
}

// newUser is a virtual user of the given process's recorder.
func newUser(t *testing.T, root *recorder.Root) user {
	t.Helper()

	runtime := modulestest.NewRuntime(t)
	require.NoError(t, runtime.VU.RuntimeField.Set("recorder", root.NewModuleInstance(runtime.VU).Exports().Default))
	require.NoError(t, runtime.VU.RuntimeField.Set("now", func() float64 { return clock.Milliseconds(clock.Now()) }))

	samples := make(chan metrics.SampleContainer, 1000)
	registry := runtime.VU.InitEnvField.Registry
	runtime.MoveToVUContext(&lib.State{
		Samples: samples,
		Tags:    lib.NewVUStateTags(registry.RootTagSet().With("scenario", "test")),
	})

	return user{runtime, samples}
}

func (u user) run(t *testing.T, code string) any {
	t.Helper()

	value, err := u.VU.RuntimeField.RunString(code)
	require.NoError(t, err)

	return value.Export()
}

type outcome struct {
	Count                              int64
	MinMs, MaxMs, MeanMs, StdevMs      *float64
	P50Ms, P90Ms, P95Ms, P99Ms, P999Ms *float64
	Histogram                          string
}

type series struct {
	Side, Block string
	OK, Failed  outcome
	Labels      map[string]int64
	Failures    []struct {
		Kind, Message string
		Count         int64
	}
}

func exported(t *testing.T, u user) []series {
	t.Helper()

	var all struct{ Series []series }

	text, isText := u.run(t, `JSON.stringify(recorder.export())`).(string)
	require.True(t, isText)
	require.NoError(t, json.Unmarshal([]byte(text), &all))

	return all.Series
}

func TestPercentilesAgreeWithExactOnes(t *testing.T) {
	root := recorder.New()
	u := newUser(t, root)
	random := rand.New(rand.NewPCG(1, 2))

	latencies := make([]float64, 20000)
	for i := range latencies {
		latencies[i] = math.Exp(random.NormFloat64()*1.5 - 1) // log-normal, in milliseconds
	}

	require.NoError(t, u.VU.RuntimeField.Set("latencies", latencies))
	u.run(t, `const series = recorder.series({ side: 'postgres', block: 'b' })
		for (let i = 0; i < latencies.length; i++) series.recordDuration(latencies[i], true)`)

	sorted := slices.Sorted(slices.Values(latencies))
	// Nearest rank; 99.9 % of 20,000 is a hair above 19,980 in floating point.
	exact := func(rank float64) float64 { return sorted[int(math.Ceil(rank/100*float64(len(sorted))-1e-6))-1] }
	found := exported(t, u)[0].OK

	require.EqualValues(t, len(latencies), found.Count)
	require.InEpsilon(t, exact(50), *found.P50Ms, 0.002)
	require.InEpsilon(t, exact(95), *found.P95Ms, 0.002)
	require.InEpsilon(t, exact(99), *found.P99Ms, 0.002)
	require.InEpsilon(t, exact(99.9), *found.P999Ms, 0.002)
	require.InEpsilon(t, sorted[0], *found.MinMs, 1e-3) // whole nanoseconds
	require.InEpsilon(t, sorted[len(sorted)-1], *found.MaxMs, 1e-6)

	sum := 0.0
	for _, each := range latencies {
		sum += each
	}

	require.InEpsilon(t, sum/float64(len(latencies)), *found.MeanMs, 1e-4)

	decoded, err := hdrhistogram.Decode([]byte(found.Histogram))
	require.NoError(t, err)
	require.InEpsilon(t, exact(95)*1e6, float64(decoded.ValueAtPercentile(95)), 0.002)
}

func TestUsersShareASeries(t *testing.T) {
	root := recorder.New()

	const users, each = 8, 500

	var group sync.WaitGroup

	for range users {
		u := newUser(t, root)

		group.Go(func() {
			_, err := u.VU.RuntimeField.RunString(`{
				const series = recorder.series({ side: 'python', block: 'b' })
				for (let i = 0; i < 500; i++) series.record(now(), i % 10 !== 0, 'worker ' + i % 2) }`)
			if err != nil {
				t.Error(err)
			}
		})
	}

	group.Wait()

	all := exported(t, newUser(t, root))
	require.Len(t, all, 1)
	require.EqualValues(t, users*each*9/10, all[0].OK.Count)
	require.EqualValues(t, users*each/10, all[0].Failed.Count)
	require.EqualValues(t, users*each*9/10, all[0].Labels["worker 0"]+all[0].Labels["worker 1"])
}

func TestFailuresAreCountedByKind(t *testing.T) {
	root := recorder.New()
	first, second := newUser(t, root), newUser(t, root)
	first.run(t, `const series = recorder.series({ side: 'a', block: 'b' })
		series.lap(0, true, 'one', 'not looked at', 'for it is right')
		series.lap(0, false, undefined, 'HTTP 503', 'busy')`)
	second.run(t, `const series = recorder.series({ side: 'a', block: 'b' })
		series.record(0, false, undefined, 'HTTP 503', 'busy, but later')
		series.recordDuration(1, false, undefined, 'HTTP 302', '  to\n\n/login ')
		series.record(0, false)
		series.record(0, false, undefined, 'HTTP 500', '\u001b[2J\u0000 and \ud800')
		recorder.retire()`)
	first.run(t, `series.lap(0, false, undefined, 'HTTP 503', 'x'.repeat(301))`)

	one := exported(t, first)[0]
	require.EqualValues(t, 6, one.Failed.Count)
	require.Equal(t, "[{HTTP 503 busy 3} {HTTP 302 to /login 1} {HTTP 500 \ufffd[2J\ufffd and \ufffd 1} {other  1}]",
		fmt.Sprint(one.Failures))
}

func TestWhatATargetSaysIsBounded(t *testing.T) {
	u := newUser(t, recorder.New())
	u.run(t, `const series = recorder.series({ side: 'a', block: 'b' })
		for (let i = 0; i < 100; i++) series.record(0, false, undefined, 'kind ' + i, 'ü'.repeat(1000))`)

	one := exported(t, u)[0]
	require.Len(t, one.Failures, 64+1)
	require.Equal(t, "(others)", one.Failures[0].Kind)
	require.EqualValues(t, 100-64, one.Failures[0].Count)
	require.Equal(t, strings.Repeat("ü", 300)+"…", one.Failures[0].Message)

	// Nor by many users together.
	v := newUser(t, recorder.New())
	v.run(t, `for (let i = 0; i < 3; i++) {
		const series = recorder.series({ side: 'a', block: 'b' })
		for (let j = 0; j < 64; j++) series.record(0, false, undefined, i + ' kind ' + j)
		recorder.retire()
	}`)

	one = exported(t, v)[0]
	require.Len(t, one.Failures, 64+1)
	require.EqualValues(t, 3*64, one.Failed.Count)
	require.EqualValues(t, 2*64, one.Failures[0].Count)
}

func TestLongerThanTheHistogram(t *testing.T) {
	u := newUser(t, recorder.New())
	u.run(t, `recorder.series({ side: 'a', block: 'b' }).recordDuration(120000, true)`)

	found := exported(t, u)[0]
	decoded, err := hdrhistogram.Decode([]byte(found.OK.Histogram))
	require.NoError(t, err)
	require.EqualValues(t, 1, decoded.TotalCount())
	require.InEpsilon(t, 60e9, float64(decoded.Max()), 0.001)
	require.InDelta(t, 120000, *found.OK.MaxMs, 1e-6)
}

func TestSamplesOfEitherProtocol(t *testing.T) {
	u := newUser(t, recorder.New())
	u.run(t, `const series = recorder.series({ side: 'a', block: 'b', metric: 'sql' })
		series.recordDuration(1.5, true); series.recordDuration(2.5, false)
		recorder.series({ side: 'a', block: 'c', metric: 'http' }).recordDuration(3.5, true)
		recorder.series({ side: 'a', block: 'none' }).recordDuration(1, true)`)

	byMetric := map[string][]float64{}

	for range len(u.samples) {
		for _, sample := range (<-u.samples).GetSamples() {
			byMetric[sample.Metric.Name] = append(byMetric[sample.Metric.Name], sample.Value)
			tags := sample.Tags.Map()
			require.Equal(t, map[string]string{"scenario": "test", "side": "a"}, tags)
		}
	}

	require.Equal(t, map[string][]float64{
		"sql_req_duration": {1.5, 2.5}, "sql_reqs": {1, 1}, "sql_req_failed": {0, 1},
		"http_req_duration": {3.5}, "http_reqs": {1}, "http_req_failed": {0},
	}, byMetric)
}

func TestRefusals(t *testing.T) {
	u := newUser(t, recorder.New())

	for code, expected := range map[string]string{
		`recorder.series({ side: 'a', block: 'b', from: 1 })`: "there is no option \"from\"; expected side, block, metric or part",
		`recorder.series()`:                                                         "expected an object {side, block",
		`recorder.series({ side: 1, block: 'b' })`:                                  "side is 1; expected a string",
		`recorder.series({ side: 'a' })`:                                            "block is <nil>; expected a string",
		`recorder.series({ side: '', block: 'b' })`:                                 "side is ; expected a string that is not empty",
		`recorder.series({ side: 'a', block: 'b', part: '' })`:                      "part is ; expected a string that is not empty",
		`recorder.series({ side: 'a', block: 'c' }).recordDuration(NaN, true)`:      "durationMs is NaN; expected milliseconds",
		`recorder.series({ side: 'a', block: 'b', metric: 'grpc' })`:                "metric is grpc; expected 'http', 'sql' or none",
		`recorder.series({ side: 'a', block: 'c' }).record()`:                       "startedAt is undefined; expected milliseconds",
		`recorder.series({ side: 'a', block: 'c' }).record(Date.now(), true)`:       "expected milliseconds of the clock, not later than now",
		`recorder.series({ side: 'a', block: 'c' }).record(-1, true)`:               "startedAt is -1; expected milliseconds",
		`recorder.series({ side: 'a', block: 'c' }).record(0, 1)`:                   "ok is 1; expected true or false",
		`recorder.series({ side: 'a', block: 'c' }).lap(1e9, true)`:                 "series.lap: startedAt is 1000000000; expected milliseconds of the clock, not later than now",
		`recorder.series({ side: 'a', block: 'c' }).record(0, true, {})`:            "label is [object Object]; expected a string",
		`recorder.series({ side: 'a', block: 'c' }).recordDuration(-1, true)`:       "durationMs is -1; expected milliseconds, 0 or more",
		`recorder.series({ side: 'a', block: 'c' }).recordDuration(9.1e11, true)`:   "durationMs is 910000000000; expected milliseconds",
		`recorder.series({ side: 'a', block: 'c' }).recordDuration(Infinity, true)`: "durationMs is Infinity; expected milliseconds",
		`recorder.series({ side: 'a', block: 'c' }).recordDuration('1', true)`:      "durationMs is 1; expected milliseconds",
		`recorder.series({ side: 'a', block: 'c' }).recordDuration({})`:             "durationMs is [object Object]; expected",
	} {
		_, err := u.VU.RuntimeField.RunString(code)
		require.ErrorContains(t, err, expected, code)
		require.ErrorContains(t, err, "TypeError", code)
	}
}

func BenchmarkRecord(b *testing.B) {
	runtime := modulestest.NewRuntime(b)
	_ = runtime.VU.RuntimeField.Set("recorder", recorder.New().NewModuleInstance(runtime.VU).Exports().Default)
	_ = runtime.VU.RuntimeField.Set("count", b.N)

	if _, err := runtime.VU.RuntimeField.RunString(
		`const series = recorder.series({ side: 'a', block: 'b' }); for (let i = 0; i < count; i++) series.record(0, true)`,
	); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkRecordByAllCores(b *testing.B) {
	root := recorder.New()

	b.RunParallel(func(all *testing.PB) {
		runtime := modulestest.NewRuntime(b)
		_ = runtime.VU.RuntimeField.Set("recorder", root.NewModuleInstance(runtime.VU).Exports().Default)
		_ = runtime.VU.RuntimeField.Set("more", all.Next)

		if _, err := runtime.VU.RuntimeField.RunString(
			`const series = recorder.series({ side: 'a', block: 'b' }); while (more()) series.record(0, true)`,
		); err != nil {
			b.Error(err)
		}
	})
}

// The moments between a request's end and the next one's beginning are nobody's.
func TestALapEndsWhereTheNextBegins(t *testing.T) {
	u := newUser(t, recorder.New())
	elapsed, isNumber := u.run(t, `{
		const series = recorder.series({ side: 'a', block: 'lap' })
		const first = now()
		let at = first
		for (let i = 0; i < 1000; i++) {
			const before = at
			at = series.lap(at, i % 2 === 0, 'one')
			if (at < before || at > now()) throw new Error(at + ' is not between ' + before + ' and ' + now())
		}
		at - first }`).(float64)
	require.True(t, isNumber)

	one := exported(t, u)[0]
	require.EqualValues(t, 500, one.OK.Count)
	require.EqualValues(t, 500, one.Failed.Count)
	require.Equal(t, map[string]int64{"one": 500}, one.Labels)

	spent := *one.OK.MeanMs*500 + *one.Failed.MeanMs*500
	require.Positive(t, spent)
	require.Less(t, spent, elapsed)
}

func TestBoundsThemselvesAreTaken(t *testing.T) {
	u := newUser(t, recorder.New())
	u.run(t, `const series = recorder.series({ side: 'a', block: 'b' })
		series.recordDuration(0, true)
		series.recordDuration(60000, true)
		recorder.series({ side: 'a', block: 'c' }).recordDuration(9e11, true)
		for (const length of [299, 300, 301])
			recorder.series({ side: 'a', block: 'd' }).record(0, false, undefined, String(length), 'x'.repeat(length))`)

	all := exported(t, u)
	require.EqualValues(t, 2, all[0].OK.Count)
	require.Zero(t, *all[0].OK.MinMs)
	require.EqualValues(t, 1, all[1].OK.Count)

	for _, failure := range all[2].Failures {
		expected := map[string]string{"299": strings.Repeat("x", 299), "300": strings.Repeat("x", 300), "301": strings.Repeat("x", 300) + "…"}
		require.Equal(t, expected[failure.Kind], failure.Message)
	}
}

// k6 has no metrics before its test runs.
func TestSamplesNeedATestThatRuns(t *testing.T) {
	runtime := modulestest.NewRuntime(t)
	module := recorder.New().NewModuleInstance(runtime.VU).Exports().Default
	require.NoError(t, runtime.VU.RuntimeField.Set("recorder", module))

	_, err := runtime.VU.RuntimeField.RunString(
		`recorder.series({ side: 'a', block: 'b' }).recordDuration(1, true)
		recorder.series({ side: 'a', block: 'c', metric: 'sql' }).recordDuration(1, true)`)
	require.ErrorContains(t, err, "a series with a metric works only while the test runs")
}

// Of a side that is several hosts each user says whom it asks: what is whole stays whole, and stands by host, too, also of users who are
// done with it.
func TestPartsOfASideAreToldApart(t *testing.T) {
	module := recorder.New()
	first, second := newUser(t, module), newUser(t, module)
	first.run(t, `const one = recorder.series({ side: 'a', block: 'b', part: 'host-1' })
		const other = recorder.series({ side: 'a', block: 'b', part: 'host-2' })
		for (let i = 0; i < 3; i++) one.recordDuration(1, true)
		other.recordDuration(5, true)
		other.recordDuration(5, false)
		recorder.retire()`)
	second.run(t, `recorder.series({ side: 'a', block: 'b', part: 'host-2' }).recordDuration(7, true)
		recorder.series({ side: 'a', block: 'b' }).recordDuration(9, true)`)

	value := first.run(t, `JSON.stringify(recorder.export().series.map(({ ok, failed, parts }) => [ok.count, failed.count,
		parts.map(({ name, ok, failed }) => [name, ok.count, ok.maxMs, failed.count])]))`)
	require.Equal(t, `[[6,1,[["host-1",3,1,0],["host-2",2,7,1]]]]`, value)
}

// Whoever names no part may have begun before those who do.
func TestPartsStandBesideUsersWhoNameNone(t *testing.T) {
	u := newUser(t, recorder.New())
	value := u.run(t, `recorder.series({ side: 'a', block: 'b' }).recordDuration(9, true)
		recorder.series({ side: 'a', block: 'b', part: 'host' }).recordDuration(7, true)
		JSON.stringify(recorder.export().series.map(({ ok, parts }) => [ok.count, parts.map(({ name, ok }) => [name, ok.count])]))`)
	require.Equal(t, `[[2,[["host",1]]]]`, value)
}

// Whoever merges what several machines measured has to know which is which, and which cores k6 could use there.
func TestTheExportTellsTheMachine(t *testing.T) {
	host, err := os.Hostname()
	require.NoError(t, err)

	u := newUser(t, recorder.New())
	require.NoError(t, u.VU.RuntimeField.Set("origin", clock.OriginUnixMilli()))
	value := u.run(t, `const { machine, clock } = recorder.export(); [machine.host, machine.cores, clock.startedAtUnixMs === origin]`)
	require.Equal(t, []any{host, int64(runtime.GOMAXPROCS(0)), true}, value)
}

// What was the first to fail is told, whoever of the users is asked first.
func TestOfManyUsersTheFirstFailureIsTold(t *testing.T) {
	root := recorder.New()
	second, first := newUser(t, root), newUser(t, root)
	// The series are opened in the other order than that in which they fail.
	second.run(t, `const series = recorder.series({ side: 'a', block: 'b' })`)
	first.run(t, `recorder.series({ side: 'a', block: 'b' }).record(0, false, undefined, 'HTTP 503', 'the first')`)
	second.run(t, `series.record(0, false, undefined, 'HTTP 503', 'the second')`)

	one := exported(t, first)[0]
	require.Equal(t, "[{HTTP 503 the first 2}]", fmt.Sprint(one.Failures))
}
