package clock_test

import (
	"testing"

	"github.com/stretchr/testify/require"

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
