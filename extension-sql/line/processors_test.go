//go:build unix

package line

import (
	"net"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// kindLine notes what it was told to be.
type kindLine struct {
	net.Conn

	kind Kind
}

func (l *kindLine) Become(wanted Kind)  { l.kind = wanted }
func (l *kindLine) Hold()               {}
func (l *kindLine) Unread() (int, bool) { return 0, false }

func TestAQueryBlocksItsThreadOnlyWhereFewWereUnderWay(t *testing.T) {
	traffic.calm.Store(0)
	t.Cleanup(processors.reset)

	one, others := &kindLine{}, make([]kindLine, mostBlocking)

	for range calmQueries {
		Enter(one)
		require.Equal(t, Polled, one.kind)
		Leave()
	}

	Enter(one)
	require.Equal(t, Blocking, one.kind)

	for i := range mostBlocking - 1 {
		Enter(&others[i])
		require.Equal(t, Blocking, others[i].kind)
	}

	require.Equal(t, max(mostBlocking+1, processors.normal), runtime.GOMAXPROCS(0))

	Enter(&others[mostBlocking-1])
	require.Equal(t, Polled, others[mostBlocking-1].kind)

	for range mostBlocking {
		Leave()
	}

	Enter(&others[mostBlocking-1])
	require.Equal(t, Polled, others[mostBlocking-1].kind, "until fewer were under way for a while")
	Leave()
	Leave()

	traffic.calm.Store(calmQueries)
	Enter(one)
	require.Equal(t, Blocking, one.kind)
	Leave()
	Timed()
	Enter(one)
	require.Equal(t, Polled, one.kind, "a script waits for moments, however few are under way")
	Leave()
	timedUntil.Store(0)
	traffic.calm.Store(0)

	Enter(one)
	require.Equal(t, Polled, one.kind)
	Leave()
}

func TestGOMAXPROCSIsWhatItWasOnceNoQueryBlocks(t *testing.T) {
	t.Cleanup(processors.reset)
	require.Equal(t, processors.normal, runtime.GOMAXPROCS(0))

	wanted := processors.normal + 3
	require.True(t, processors.atLeast(wanted))
	require.Equal(t, wanted, runtime.GOMAXPROCS(0))
	require.True(t, processors.atLeast(1))
	require.Equal(t, wanted, runtime.GOMAXPROCS(0))

	processors.seen = 0

	traffic.calm.Store(calmQueries + 1)
	processors.look()
	require.Equal(t, wanted, runtime.GOMAXPROCS(0), "a query since the last look")
	traffic.underWay.Add(1)
	processors.look()
	require.Equal(t, wanted, runtime.GOMAXPROCS(0), "a query under way")
	traffic.underWay.Add(-1)
	processors.look()
	require.Equal(t, processors.normal, runtime.GOMAXPROCS(0))
}

func TestAGivenGOMAXPROCSStays(t *testing.T) {
	given := &scheduler{isGiven: true}
	given.current.Store(2)

	before := runtime.GOMAXPROCS(0)

	require.True(t, given.atLeast(2))
	require.False(t, given.atLeast(3))
	require.Equal(t, before, runtime.GOMAXPROCS(0))
}
