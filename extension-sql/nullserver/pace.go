package main

import (
	"fmt"
	"sync"
	"time"

	"inference-gap/extension-sql/finetimer"
)

const tooMany = "null-server: more requests than the limit allows"

// paceConfiguration is how long an answer takes. A request goes through what is given, in this order.
type paceConfiguration struct {
	Limit *limitConfiguration `json:"limit"`
	Queue *queueConfiguration `json:"queue"`
	Cliff *cliffConfiguration `json:"cliff"`
	Stall *stallConfiguration `json:"stall"`
}

// part is one of the things that a pace is made of. Times are those since the listener began.
type part interface {
	// pass tells when a request leaves this part that came to the listener at arrived and reached it at reached, or that it is refused.
	// It is called in the order of arrivals.
	pass(arrived, reached time.Duration) (leaves time.Duration, isAdmitted bool)
}

func (c paceConfiguration) check() error {
	for _, one := range []struct {
		name    string
		isGiven bool
		check   func() error
	}{
		{"limit", c.Limit != nil, c.Limit.check},
		{"queue", c.Queue != nil, c.Queue.check},
		{"cliff", c.Cliff != nil, c.Cliff.check},
		{"stall", c.Stall != nil, c.Stall.check},
	} {
		if !one.isGiven {
			continue
		}

		if err := one.check(); err != nil {
			return fmt.Errorf("%s.%w", one.name, err)
		}
	}

	return nil
}

// pace says when answers leave.
type pace struct {
	mu    sync.Mutex
	began time.Time
	parts []part
	// timers are kept, for each is a file.
	timers sync.Pool
}

// newPace begins now; nil where answers leave at once.
func newPace(c paceConfiguration) *pace {
	var parts []part

	if c.Limit != nil {
		parts = append(parts, c.Limit.part())
	}

	if c.Queue != nil {
		parts = append(parts, c.Queue.part())
	}

	if c.Cliff != nil {
		parts = append(parts, c.Cliff.part())
	}

	if c.Stall != nil {
		parts = append(parts, c.Stall.part())
	}

	if parts == nil {
		return nil
	}

	return &pace{began: time.Now(), parts: parts, timers: sync.Pool{New: func() any { return new(finetimer.Timer) }}}
}

// admit takes a request that comes now.
func (p *pace) admit() (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()

	return p.admitAt(time.Since(p.began))
}

// admitAt is called in the order of arrivals. Nothing in it depends on when answers were sent, so that lateness adds up nowhere.
func (p *pace) admitAt(arrived time.Duration) (time.Duration, bool) {
	leaves := arrived

	for _, one := range p.parts {
		var isAdmitted bool
		if leaves, isAdmitted = one.pass(arrived, leaves); !isAdmitted {
			return 0, false
		}
	}

	return leaves, true
}

// waitUntil returns at that time, and up to some 0.1 ms later.
func (p *pace) waitUntil(leaves time.Duration) {
	timer, _ := p.timers.Get().(*finetimer.Timer)
	defer p.timers.Put(timer)

	for {
		left := leaves - time.Since(p.began)
		if left <= 0 {
			return
		}

		timer.Sleep(left)
	}
}
