// Package named keeps what is made once in a process and used by all virtual users, by name.
package named

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/grafana/sobek"
)

// Store has a process's things of one kind by name; its zero value is empty.
type Store[T any] struct {
	mu     sync.Mutex
	byName map[string]*one[T]
}

type one[T any] struct {
	mu     sync.Mutex
	isMade bool
	made   T
	// maker is the virtual user that makes it.
	maker atomic.Pointer[sobek.Runtime]
}

// Get has a thing made at most once; other users wait meanwhile. Where making it fails the next one tries again.
func (s *Store[T]) Get(name string, user *sobek.Runtime, makeIt func() (T, error)) (T, error) {
	s.mu.Lock()

	if s.byName == nil {
		s.byName = make(map[string]*one[T])
	}

	this := s.byName[name]
	if this == nil {
		this = &one[T]{}
		s.byName[name] = this
	}

	s.mu.Unlock()

	if this.maker.Load() == user {
		var none T

		return none, fmt.Errorf("'%s' is asked for while it is read; expected another name", name)
	}

	this.mu.Lock()
	defer this.mu.Unlock()

	if this.isMade {
		return this.made, nil
	}

	this.maker.Store(user)
	defer this.maker.Store(nil)

	var err error

	this.made, err = makeIt()
	this.isMade = err == nil

	return this.made, err
}
