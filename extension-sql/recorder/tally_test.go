package recorder

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func counting(ok, failed int) *tally {
	one := &tally{}
	for range ok {
		one.ok.add(1)
	}

	for range failed {
		one.failed.add(1)
	}

	one.addLabel("worker", int64(ok))

	return one
}

func TestMergedTalliesAddUp(t *testing.T) {
	whole := counting(1, 1)
	whole.merge(counting(2, 2))
	whole.merge(counting(0, 1))
	require.EqualValues(t, 3, whole.ok.count)
	require.EqualValues(t, 4, whole.failed.count)
	require.Equal(t, map[string]int64{"worker": 3}, whole.labels)
}
