package line

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// requireGoroutines waits until there are no more; require.Eventually has some of its own.
func requireGoroutines(t *testing.T, wanted int) {
	t.Helper()

	for begun := time.Now(); runtime.NumGoroutine() > wanted && time.Since(begun) < 5*time.Second; {
		time.Sleep(watchInterval)
	}

	require.LessOrEqual(t, runtime.NumGoroutine(), wanted)
}

// Connections that are all closed and opened anew, as a comparison does it four times a second.
func TestOneWatchdogIsEnough(t *testing.T) {
	dog := watchdog{watched: make(map[*Watch]struct{})}
	before := runtime.NumGoroutine()

	for range 50 {
		one := &Watch{}
		dog.add(one)
		require.LessOrEqual(t, runtime.NumGoroutine(), before+1)
		dog.remove(one)
	}

	requireGoroutines(t, before)

	// And it comes again.
	one := &Watch{}
	dog.add(one)
	require.Equal(t, before+1, runtime.NumGoroutine())
	dog.remove(one)
	requireGoroutines(t, before)
}
