//go:build !linux

package rendezvous

import "time"

const coarse = 0

func sleepFinely(left time.Duration) {
	time.Sleep(left)
}
