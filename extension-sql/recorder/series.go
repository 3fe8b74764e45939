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
	// retiredParts is the same by the part of the side that they asked, where they named one.
	retiredParts map[string]*tally
}

// shard is a virtual user's part of a series. Only export takes its lock from elsewhere, so it is all but free.
type shard struct {
	series *series
	// part of the side that is asked, as its host; empty: none is told apart.
	part string
	// isRetired is only looked at by the user whose shard it is.
	isRetired bool

	mu sync.Mutex
	tally
}

// join counts a virtual user in and gives it a shard for what it asks a part of the side.
func (s *series) join(part string) *shard {
	s.mu.Lock()
	defer s.mu.Unlock()

	made := &shard{series: s, part: part}
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

	if s.part != "" {
		into := s.series.retiredParts[s.part]
		if into == nil {
			into = &tally{}

			if s.series.retiredParts == nil {
				s.series.retiredParts = map[string]*tally{}
			}

			s.series.retiredParts[s.part] = into
		}

		into.merge(&s.tally)
	}

	s.series.shards = slices.DeleteFunc(s.series.shards, func(each *shard) bool { return each == s })
	s.tally = tally{}
	s.isRetired = true

	// The last one out: a series that nobody works on only waits for the export.
	if len(s.series.shards) == 0 {
		s.series.retired.ok.pack()
		s.series.retired.failed.pack()

		for _, part := range s.series.retiredParts {
			part.ok.pack()
			part.failed.pack()
		}
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

// mergedParts is the same by the parts that were told apart.
func (s *series) mergedParts() map[string]*tally {
	s.mu.Lock()
	defer s.mu.Unlock()

	parts := map[string]*tally{}
	into := func(name string) *tally {
		if parts[name] == nil {
			parts[name] = &tally{}
		}

		return parts[name]
	}

	for name, each := range s.retiredParts {
		into(name).merge(each)
	}

	for _, each := range s.shards {
		if each.part == "" {
			continue
		}

		each.mu.Lock()
		into(each.part).merge(&each.tally)
		each.mu.Unlock()
	}

	return parts
}
