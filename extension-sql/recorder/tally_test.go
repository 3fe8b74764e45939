package recorder

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAWindowHoldsItsBeginningAndNotItsEnd(t *testing.T) {
	both := window{from: 10, to: 20, hasFrom: true, hasTo: true}
	for end, expected := range map[time.Duration]bool{9: false, 10: true, 19: true, 20: false, 21: false} {
		require.Equal(t, expected, both.holds(end), end)
	}

	require.True(t, window{}.holds(0))
	require.True(t, window{to: 20, hasTo: true}.holds(0))
	require.True(t, window{from: 10, hasFrom: true}.holds(1e9))
}

func TestAWindowIsAsLongAsItWasGivenElseFromTheFirstToTheLast(t *testing.T) {
	seen := &tally{first: 12, last: 17}
	require.EqualValues(t, 10, window{from: 10, to: 20, hasFrom: true, hasTo: true}.length(seen))
	require.EqualValues(t, 5, window{}.length(seen))
	require.EqualValues(t, 5, window{to: 20, hasTo: true}.length(seen))
	require.EqualValues(t, 5, window{from: 10, hasFrom: true}.length(seen))
}

func counting(first, last time.Duration, ok, failed int) *tally {
	one := &tally{first: first, last: last, outside: 3, overflow: 2}
	for range ok {
		one.ok.add(1)
	}

	for range failed {
		one.failed.add(1)
	}

	return one
}

func TestMergedTalliesAddUp(t *testing.T) {
	whole := counting(5, 9, 1, 1)
	whole.merge(counting(3, 7, 2, 2))
	whole.merge(counting(4, 11, 0, 1))
	require.EqualValues(t, 3, whole.first)
	require.EqualValues(t, 11, whole.last)
	require.EqualValues(t, 3, whole.ok.count)
	require.EqualValues(t, 4, whole.failed.count)
	require.EqualValues(t, 9, whole.outside)
	require.EqualValues(t, 6, whole.overflow)
}

// Who saw nothing has no first and no last request: its zeros are no moments.
func TestMergedTalliesKeepTheirMoments(t *testing.T) {
	seen := counting(5, 9, 1, 1)
	seen.merge(counting(0, 0, 0, 0))
	require.EqualValues(t, 5, seen.first)
	require.EqualValues(t, 9, seen.last)

	empty := counting(0, 0, 0, 0)
	empty.merge(counting(5, 9, 1, 1))
	require.EqualValues(t, 5, empty.first)
	require.EqualValues(t, 9, empty.last)
}
