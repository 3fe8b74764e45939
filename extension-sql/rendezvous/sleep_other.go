//go:build !linux

package rendezvous

import "time"

const coarse = 0

type fineTimer struct{}

func (*fineTimer) sleep(left time.Duration) {
	time.Sleep(left)
}
