//go:build !linux

package rendezvous

import "time"

// fineTimer is Go's own timer.
type fineTimer struct{}

func (*fineTimer) sleep(left time.Duration) {
	time.Sleep(left)
}
