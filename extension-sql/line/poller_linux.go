//go:build linux && (amd64 || arm64)

package line

import (
	"syscall"
	"unsafe"
)

// poller is the kernel's list of what a group waits for.
type poller struct {
	descriptor int
	events     []event
}

type event syscall.EpollEvent

func (e *event) descriptor() int { return int(e.Fd) }

// mostEvents at a time; others come next time.
const mostEvents = 64

// edge is EPOLLET, which package syscall has as a negative number.
const edge = 1 << 31

func newPoller() (poller, error) {
	descriptor, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)

	return poller{descriptor: descriptor, events: make([]event, mostEvents)}, err
}

func (p *poller) add(descriptor int) error {
	wanted := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP | edge, Fd: int32(descriptor)}

	return syscall.EpollCtl(p.descriptor, syscall.EPOLL_CTL_ADD, descriptor, &wanted)
}

func (p *poller) remove(descriptor int) {
	_ = syscall.EpollCtl(p.descriptor, syscall.EPOLL_CTL_DEL, descriptor, nil)
}

// wait returns what came, none after pollTime or a signal (Go's scheduler sends one when it wants the processor). Go's scheduler
// is not told of it: it would take the processor away, and wake a thread to use it.
func (p *poller) wait() []event {
	count, _, failure := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(p.descriptor),
		uintptr(unsafe.Pointer(unsafe.SliceData(p.events))), mostEvents, uintptr(pollTime.Milliseconds()), 0, 0)
	if failure != 0 {
		return nil
	}

	return p.events[:count]
}
