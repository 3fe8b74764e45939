package recorder

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.k6.io/k6/js/common"
	"go.k6.io/k6/metrics"
)

// What is pending is given to k6 once; of users who recorded nothing since there is nothing to give.
func TestTheCollectorGivesWhatIsPending(t *testing.T) {
	to := make(chan metrics.SampleContainer, 2)
	pending := &batch{to: to}
	all := &collector{samplers: []*sampler{{}, {pending: pending}, {}}}

	all.collect()
	require.Len(t, to, 1)
	require.Same(t, pending, <-to)

	all.collect()
	require.Empty(t, to)
}

// Where k6 does not say when a test ends, nothing may be kept from it.
func TestWithoutEventsNothingIsKept(t *testing.T) {
	one := &collector{}
	require.False(t, one.join(&sampler{}, common.Events{}))
	require.Empty(t, one.samplers)
}
