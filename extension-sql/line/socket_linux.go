//go:build linux && (amd64 || arm64)

package line

import (
	"syscall"
	"unsafe"
)

// sendNow sends as much as the kernel takes at once, and never waits; EAGAIN: nothing. Go's scheduler is not told.
func sendNow(descriptor int, from []byte) (int, error) {
	const flags = syscall.MSG_DONTWAIT | syscall.MSG_NOSIGNAL

	for {
		sent, _, failure := syscall.RawSyscall6(syscall.SYS_SENDTO,
			uintptr(descriptor), uintptr(unsafe.Pointer(unsafe.SliceData(from))), uintptr(len(from)), flags, 0, 0)
		if failure == 0 {
			return int(sent), nil
		}

		if failure != syscall.EINTR {
			return 0, failure
		}
	}
}

// receiveNow reads what has come, and never waits; EAGAIN: nothing has. Go's scheduler is not told.
func receiveNow(descriptor int, into []byte) (int, error) {
	for {
		received, _, failure := syscall.RawSyscall6(syscall.SYS_RECVFROM,
			uintptr(descriptor), uintptr(unsafe.Pointer(unsafe.SliceData(into))), uintptr(len(into)), syscall.MSG_DONTWAIT, 0, 0)
		if failure == 0 {
			return int(received), nil
		}

		if failure != syscall.EINTR {
			return 0, failure
		}
	}
}
