package rendezvous

import (
	"time"

	"golang.org/x/sys/unix"
)

// coarse is what Go's own timers may be late by: its poller waits in whole milliseconds.
const coarse = 1500 * time.Microsecond

// sleepFinely waits for a last stretch in the kernel, which is late by some 0.06 ms.
func sleepFinely(left time.Duration) {
	if left <= 0 {
		return
	}

	wait := unix.NsecToTimespec(int64(left))
	_ = unix.Nanosleep(&wait, nil) // a signal may end it early; the caller looks at the clock
}
