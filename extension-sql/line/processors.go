package line

import (
	"os"
	"runtime"
	"sync"
	"sync/atomic"
)

// scheduler is Go's GOMAXPROCS. A thread that blocks in a system call keeps one of them until it is taken away, which the
// runtime's watcher does late and at a price, so that there must be more of them than queries that block. With more of
// them than processors all that polls costs more (HTTP, too): they are only there while queries block.
//
// Where the environment sets GOMAXPROCS, it stays as it is, and no more queries block than leave one free.
type scheduler struct {
	isGiven bool
	current atomic.Int64

	mu     sync.Mutex
	normal int
	// seen is traffic.calm when the watchdog looked last.
	seen int64
}

var processors = newScheduler() //nolint:gochecknoglobals // as GOMAXPROCS is

func newScheduler() *scheduler {
	made := &scheduler{normal: runtime.GOMAXPROCS(0)}
	_, made.isGiven = os.LookupEnv("GOMAXPROCS")
	made.current.Store(int64(made.normal))

	return made
}

// atLeast raises GOMAXPROCS where it must. Returns whether there are so many. It stops the world for some 50 µs where it
// raises: once or a few times before many queries.
func (s *scheduler) atLeast(wanted int) bool {
	if int64(wanted) <= s.current.Load() {
		return true
	}

	if s.isGiven {
		return false
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	if int64(wanted) > s.current.Load() {
		runtime.GOMAXPROCS(wanted)
		s.current.Store(int64(wanted))
	}

	return true
}

// look is called every watchInterval; it puts GOMAXPROCS back once no query has blocked since it was called last.
func (s *scheduler) look() {
	if s.current.Load() == int64(s.normal) {
		return
	}

	calm := traffic.calm.Load()
	if traffic.underWay.Load() > 0 && calm > calmQueries || calm != s.seen {
		s.seen = calm

		return
	}

	s.reset()
}

func (s *scheduler) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()

	if s.current.Load() != int64(s.normal) {
		runtime.GOMAXPROCS(s.normal)
		s.current.Store(int64(s.normal))
	}
}
