package main

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestThePercentFallsWithWhatLives(t *testing.T) {
	const mebi = 1 << 20
	for live, percent := range map[uint64]int{
		0: 400, 1: 400, 10 * mebi: 400, 28 * mebi: 400, 32 * mebi: 350, 56 * mebi: 200, 112 * mebi: 100, 256 * mebi: 100,
		4096 * mebi: 100,
	} {
		require.Equal(t, percent, percentFor(live), "%d MiB", live/mebi)
	}
}

func TestCollectionsSetThePercent(t *testing.T) {
	percent := func() int {
		set := debug.SetGCPercent(mostPercent)
		debug.SetGCPercent(set)

		return set
	}
	collectUntil := func(holds func() bool) {
		require.Eventually(t, func() bool {
			runtime.GC()

			return holds()
		}, time.Minute, time.Millisecond)
	}

	collectUntil(func() bool { return percent() == mostPercent })

	held := make([]byte, heapRoom)
	collectUntil(func() bool { return percent() == leastPercent })
	runtime.KeepAlive(held)

	// What lived is gone.
	collectUntil(func() bool { return percent() == mostPercent })
}
