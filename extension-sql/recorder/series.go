package recorder

import (
	"slices"
	"sync"
	"time"
)

// series is one block of one side. Each virtual user counts in a shard of its own; they are merged when asked for.
type series struct {
	side, block string

	mu      sync.Mutex
	shards  []*shard
	retired tally // of users who are done with it
}

// shard is a virtual user's part of a series. Only export takes its lock from elsewhere, so it is all but free.
type shard struct {
	series *series
	// isRetired is only looked at by the user whose shard it is.
	isRetired bool

	mu sync.Mutex
	tally
}

// join counts a virtual user in and gives it a shard.
func (s *series) join() *shard {
	s.mu.Lock()
	defer s.mu.Unlock()

	made := &shard{series: s}
	s.shards = append(s.shards, made)

	return made
}

// record counts a request that finished at `end`; `failed` says why where it is not ok.
func (s *shard) record(end, latency time.Duration, ok bool, label string, failed reason) {
	if s.isRetired {
		s.rejoin()
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	into := &s.ok
	if !ok {
		into = &s.failed
	}

	into.add(latency)

	if !ok {
		s.failures.add(failed.kind, failureCount{count: 1, first: end, message: failed.message})

		return
	}

	if label != "" {
		s.addLabel(label, 1)
	}
}

// rejoin is for a script that goes on with a series after it said that it was done.
func (s *shard) rejoin() {
	s.series.mu.Lock()
	defer s.series.mu.Unlock()

	s.series.shards = append(s.series.shards, s)
	s.isRetired = false
}

// retire moves what was recorded into the series, so that memory does not grow with users times blocks.
func (s *shard) retire() {
	s.series.mu.Lock()
	defer s.series.mu.Unlock()

	s.mu.Lock()
	defer s.mu.Unlock()

	s.series.retired.merge(&s.tally)
	s.series.shards = slices.DeleteFunc(s.series.shards, func(each *shard) bool { return each == s })
	s.tally = tally{}
	s.isRetired = true

	// The last one out: a series that nobody works on only waits for the export.
	if len(s.series.shards) == 0 {
		s.series.retired.ok.pack()
		s.series.retired.failed.pack()
	}
}

// merged is all that was recorded so far.
func (s *series) merged() tally {
	s.mu.Lock()
	defer s.mu.Unlock()

	all := tally{}
	all.merge(&s.retired)

	for _, each := range s.shards {
		each.mu.Lock()
		all.merge(&each.tally)
		each.mu.Unlock()
	}

	return all
}
