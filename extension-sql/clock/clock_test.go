package clock_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.k6.io/k6/js/modulestest"

	"inference-gap/extension-sql/clock"
)

func TestNeverGoesBackAndIsFine(t *testing.T) {
	distinct := map[float64]bool{}
	last := 0.0

	for range 10000 {
		now := clock.Milliseconds(clock.Now())
		require.GreaterOrEqual(t, now, last)

		last = now
		distinct[now] = true
	}
	// A clock of whole milliseconds would give a handful.
	require.Greater(t, len(distinct), 1000)
}

func TestSameForAllUsers(t *testing.T) {
	read := func() float64 {
		runtime := modulestest.NewRuntime(t)
		require.NoError(t, runtime.SetupModuleSystem(map[string]any{clock.ImportPath: clock.New()}, nil, nil))

		value, err := runtime.RunOnEventLoop(`const { now, default: clock } = require('k6/x/clock'); const a = now(); [a, clock.now()]`)
		require.NoError(t, err)

		var both []float64

		require.NoError(t, runtime.VU.RuntimeField.ExportTo(value, &both))
		require.LessOrEqual(t, both[0], both[1])

		return both[1]
	}

	before := clock.Milliseconds(clock.Now())
	first := read()
	second := read()
	require.Less(t, before, first)
	require.Less(t, first, second)
	require.Less(t, second, clock.Milliseconds(clock.Now()))
}

func TestItsZeroIsATimeOfDay(t *testing.T) {
	runtime := modulestest.NewRuntime(t)
	require.NoError(t, runtime.SetupModuleSystem(map[string]any{clock.ImportPath: clock.New()}, nil, nil))

	value, err := runtime.RunOnEventLoop(`const { now, origin } = require('k6/x/clock'); origin() + now()`)
	require.NoError(t, err)
	require.InDelta(t, float64(time.Now().UnixMicro())/1e3, value.ToFloat(), float64(time.Minute/time.Millisecond))
}

func BenchmarkNow(b *testing.B) {
	runtime := modulestest.NewRuntime(b)
	_ = runtime.VU.RuntimeField.Set("clock", clock.New().NewModuleInstance(runtime.VU).Exports().Default)
	_ = runtime.VU.RuntimeField.Set("count", b.N)

	if _, err := runtime.VU.RuntimeField.RunString(`for (let i = 0; i < count; i++) clock.now()`); err != nil {
		b.Fatal(err)
	}
}
