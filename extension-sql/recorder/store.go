package recorder

import "sync"

// store holds the series of the whole process: k6 makes one per test run and gives it to all virtual users.
type store struct {
	mu      sync.Mutex
	byName  map[[2]string]*series
	ordered []*series
}

func newStore() *store {
	return &store{byName: make(map[[2]string]*series)}
}

// series returns the one of that side and block.
func (s *store) series(side, block string) *series {
	s.mu.Lock()
	defer s.mu.Unlock()

	name := [2]string{side, block}
	if found := s.byName[name]; found != nil {
		return found
	}

	made := &series{side: side, block: block}
	s.byName[name] = made
	s.ordered = append(s.ordered, made)

	return made
}
