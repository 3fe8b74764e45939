package line

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// requireGoroutines waits until there are no more; require.Eventually has some of its own.
func requireGoroutines(t *testing.T, wanted int) {
	t.Helper()

	for begun := time.Now(); runtime.NumGoroutine() > wanted && time.Since(begun) < time.Minute; {
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

	// And it comes again: it ends what is interrupted. (Goroutines are not counted here: one of before may have ended.)
	ctx, cancel := context.WithCancel(t.Context())
	interrupted := make(chan struct{})
	one := &Watch{Interrupt: func() { close(interrupted) }}
	dog.add(one)
	one.Begin(ctx, 0)
	cancel()

	select {
	case <-interrupted:
	case <-time.After(5 * time.Second):
		require.Fail(t, "nobody watches")
	}

	require.True(t, one.End())
	dog.remove(one)
	requireGoroutines(t, before)
}
