// Package finetimer waits to a fraction of a millisecond.
package finetimer

import (
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// Timer waits by a timer of the kernel, which is late by some 0.05 ms where Go's own, whose poller waits in whole
// milliseconds, are by up to 1. Go's poller waits for it as for a connection. A thread that slept in the kernel would keep one
// of Go's processors until the runtime's watcher takes it away, up to 10 ms later: with as many sleepers as processors answers
// that had come lay there as if the target had stalled.
type Timer struct {
	file       *os.File // closed by its finalizer; nil: not yet, or none could be had
	descriptor int
}

// Sleep waits at least about that long; it may end early.
func (t *Timer) Sleep(left time.Duration) {
	if left <= 0 {
		return
	}

	if t.file == nil {
		t.make()
	}

	if t.file != nil && t.wait(left) == nil {
		return
	}

	wait := unix.NsecToTimespec(int64(left))
	_ = unix.Nanosleep(&wait, nil)
}

func (t *Timer) make() {
	descriptor, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err == nil {
		t.file, t.descriptor = os.NewFile(uintptr(descriptor), "timer"), descriptor
	}
}

func (t *Timer) wait(left time.Duration) error {
	once := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(left))}
	if err := unix.TimerfdSettime(t.descriptor, 0, &once, nil); err != nil {
		return err
	}

	var expirations [8]byte

	_, err := t.file.Read(expirations[:])

	runtime.KeepAlive(t.file)

	return err
}
