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

// wait returns what came; none after a signal. Where nothing is expected soon Go's scheduler is told, and uses the processor for
// something else. Else it is not: it would take the processor away, and wake a thread to use it. That wait ends after
// pollTime, and by the signal that the scheduler sends when it wants the processor.
func (p *poller) wait(isLong bool) []event {
	const mask, size = 0, 0

	call, timeout := syscall.RawSyscall6, int(pollTime.Milliseconds())
	if isLong {
		call, timeout = syscall.Syscall6, -1
	}

	count, _, failure := call(syscall.SYS_EPOLL_PWAIT, uintptr(p.descriptor),
		uintptr(unsafe.Pointer(unsafe.SliceData(p.events))), mostEvents, uintptr(timeout), mask, size)
	if failure != 0 {
		return nil
	}

	return p.events[:count]
}
