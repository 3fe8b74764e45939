package main

import (
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// way is what all links share: how long what passes is held, in each direction.
type way struct {
	// hold and jitter are nanoseconds.
	hold   atomic.Int64
	jitter atomic.Int64
	// late is by how much longer than wanted half of all things were held, in nanoseconds: so much sooner they are let go.
	late atomic.Int64
}

// step is by how much what is known of being late moves with each. By its sign alone: a mean would be moved by a few that were very
// late, and most would be let go too soon.
const step = 200 * time.Nanosecond

// due is when something that came at a moment is let go, not before what came before it.
func (w *way) due(came, before time.Time) time.Time {
	hold := w.hold.Load()
	if jitter := w.jitter.Load(); jitter > 0 {
		hold += rand.Int64N(jitter+1) - jitter/2 //nolint:gosec // no secret
	}

	due := came.Add(time.Duration(max(0, hold)))
	if due.Before(before) {
		return before
	}

	return due
}

// left is how long to wait yet.
func (w *way) left(due time.Time) time.Duration {
	return time.Until(due) - time.Duration(w.late.Load())
}

// mostLate is the most that a wait is shortened by.
const mostLate = 200 * time.Microsecond

// passed is told when something was let go.
func (w *way) passed(due time.Time) {
	late := w.late.Load()

	switch after := time.Since(due); {
	case w.hold.Load() == 0:
	case after > 0 && late < int64(mostLate):
		w.late.Add(int64(step))
	case after < 0 && late > 0:
		w.late.Add(-int64(step))
	}
}

// chunk is what came at once.
type chunk struct {
	bytes []byte
	due   time.Time
}

const (
	// mostAtOnce is how much is read at a time.
	mostAtOnce = 64 << 10
	// mostHeld is how much is on its way in a direction before no more is taken.
	mostHeld = 4 << 20
)

// lead passes on both ways what comes, until both ends are done.
func lead(near net.Conn, to string, way *way) {
	far, err := net.Dial("tcp", to)
	if err != nil {
		_ = near.Close() // whoever asks sees that nobody is there

		return
	}

	var both sync.WaitGroup

	for _, direction := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Add(1)

		go func() {
			defer both.Done()

			relay(direction[0].(*net.TCPConn), direction[1].(*net.TCPConn), way) //nolint:forcetypeassert // tcp was asked for
		}()
	}

	both.Wait()

	_, _ = near.Close(), far.Close() // both have ended
}
