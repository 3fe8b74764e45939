//go:build unix && !(linux && (amd64 || arm64))

package line

import "syscall"

// sendNow is only called for a descriptor that does not block, or may.
func sendNow(descriptor int, from []byte) (int, error) {
	for {
		sent, err := syscall.Write(descriptor, from)
		if err != syscall.EINTR { //nolint:errorlint // never wrapped
			return max(sent, 0), err
		}
	}
}

// receiveNow is only called for a descriptor that does not block.
func receiveNow(descriptor int, into []byte) (int, error) {
	for {
		received, err := syscall.Read(descriptor, into)
		if err != syscall.EINTR { //nolint:errorlint // never wrapped
			return max(received, 0), err
		}
	}
}
