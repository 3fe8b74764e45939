package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestThePercentFallsWithWhatLives(t *testing.T) {
	const mebi = 1 << 20
	for live, percent := range map[uint64]int{
		0: 400, 1: 400, 10 * mebi: 400, 51 * mebi: 400, 64 * mebi: 300, 100 * mebi: 156, 128 * mebi: 100, 256 * mebi: 100,
		4096 * mebi: 100,
	} {
		require.Equal(t, percent, percentFor(live), "%d MiB", live/mebi)
	}
}
