//go:build !linux

// Package finetimer waits to a fraction of a millisecond.
package finetimer

import "time"

// Timer is Go's own timer.
type Timer struct{}

// Sleep waits at least that long.
func (*Timer) Sleep(left time.Duration) {
	time.Sleep(left)
}
