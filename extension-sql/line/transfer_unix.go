//go:build unix

package line

import (
	"io"
	"os"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"inference-gap/extension-sql/clock"
)

// Hold keeps the next write until the read after it, which then need not look first whether there is an answer already.
func (s *socket) Hold() {
	s.state.Lock()
	defer s.state.Unlock()

	s.holds = s.kind != Blocking && s.reads == 0
}

// Unread peeks; it never waits.
func (s *socket) Unread() (bytes int, ended bool) {
	polled, descriptor, err := s.use()
	if err != nil {
		return 0, true
	}
	defer s.done()

	peek := func(descriptor uintptr) {
		var one [1]byte

		count, _, err := syscall.Recvfrom(int(descriptor), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)

		switch err {
		case nil:
			bytes, ended = count, count == 0
		case syscall.EAGAIN, syscall.EINTR:
		default:
			ended = true
		}
	}

	if polled == nil {
		peek(uintptr(descriptor))
	} else if s.raw.Control(peek) != nil {
		ended = true
	}

	return bytes, ended
}

// Read waits for the server.
func (s *socket) Read(into []byte) (int, error) {
	_, descriptor, err := s.use()
	if err != nil {
		return 0, err
	}
	defer s.done()

	s.beginRead()
	defer s.endRead()

	s.reading.Lock()
	defer s.reading.Unlock()

	s.takeKept()

	if s.kind == Blocking {
		return s.readBlocking(descriptor, into)
	}

	s.into, s.received, s.failure = into, 0, nil

	if err := s.raw.Read(s.exchange); err != nil {
		return 0, err
	}

	return s.received, s.failure
}

// keptBytes is how much room for queries a connection keeps.
const keptBytes = 64 << 10

func (s *socket) beginRead() {
	s.state.Lock()
	defer s.state.Unlock()

	s.reads++
	s.holds = false
}

// takeKept takes over what was kept.
func (s *socket) takeKept() {
	s.state.Lock()
	defer s.state.Unlock()

	room := s.sending[:0]
	if cap(room) > keptBytes {
		room = nil
	}

	s.sending, s.kept = s.kept, room
}

func (s *socket) endRead() {
	s.state.Lock()
	defer s.state.Unlock()

	s.reads--
}

// sendAndReceive is called by the poller with a descriptor that does not block, first at once and then whenever something
// came. Returns false to wait for that.
//
// What it asks of the kernel takes no longer than a call of a function, and the scheduler is told nothing of it: it would take
// a processor away from a goroutine that its watcher finds in a system call, for another thread to be woken, and watch
// every 20 µs as long as it finds some. With 20 clients that was a third of the client's time in the kernel.
func (s *socket) sendAndReceive(descriptor uintptr) bool {
	partly := false

	for left := s.sending; len(left) > 0; {
		sent, err := sendNow(int(descriptor), left)

		switch {
		case err == syscall.EAGAIN && sent == 0: //nolint:errorlint // never wrapped
			// A query larger than what the kernel takes: as any other goroutine that writes.
			sent, err = s.polled.Write(left)
		case err != nil:
			err = os.NewSyscallError("write", err)
		}

		if err != nil {
			s.sending, s.failure = s.sending[:0], &SendError{Err: err, Partly: partly || sent > 0}

			return true
		}

		partly = true

		if left = left[sent:]; len(left) == 0 {
			s.sending = s.sending[:0]

			return false
		}
	}

	count, err := receiveNow(int(descriptor), s.into)

	if err == syscall.EAGAIN { //nolint:errorlint // never wrapped
		return false
	}

	s.received, s.failure = readResult(count, err, s.into)

	return true
}

// readResult is what a Reader returns for what the kernel did.
func readResult(count int, err error, into []byte) (int, error) {
	switch {
	case err != nil:
		return 0, os.NewSyscallError("read", err)
	case count == 0 && len(into) > 0:
		return 0, io.EOF
	}

	return count, nil
}

func (s *socket) readBlocking(descriptor int, into []byte) (int, error) {
	for {
		count, err := syscall.Read(descriptor, into)

		if err == syscall.EINTR { //nolint:errorlint // never wrapped
			continue
		}

		s.yield()

		return readResult(count, err, into)
	}
}

// yieldInterval is less than half of the 10 ms after which Go's watcher takes a processor from a goroutine that never waits.
const yieldInterval = 4 * time.Millisecond

// yield is for a goroutine that never waits but in system calls. Go's watcher would take its processor away every 10 ms, and
// then watch every 20 µs for some milliseconds: one of its wakings for each query.
func (s *socket) yield() {
	if now := clock.Now(); now-s.yielded > yieldInterval {
		s.yielded = now

		runtime.Gosched()
	}
}

// Write sends all of it, or returns an error. Where it is held, the error is the next read's.
func (s *socket) Write(from []byte) (int, error) {
	polled, descriptor, err := s.use()
	if err != nil {
		return 0, err
	}
	defer s.done()

	switch {
	case s.kind != Blocking && s.keep(from):
		return len(from), nil
	case polled == nil:
		return writeAll(descriptor, from)
	}

	return polled.Write(from)
}

// keep returns whether the bytes wait for the next read.
func (s *socket) keep(from []byte) bool {
	s.state.Lock()
	defer s.state.Unlock()

	// A second write before a read joins the first.
	if !s.holds && len(s.kept) == 0 {
		return false
	}

	s.holds, s.kept = false, append(s.kept, from...)

	return true
}

// writeAll is for descriptors out of Go's poller, whether or not they block.
func writeAll(descriptor int, from []byte) (int, error) {
	for sent := 0; ; {
		count, err := sendNow(descriptor, from[sent:])
		sent += count

		if err == syscall.EAGAIN { //nolint:errorlint // never wrapped
			err = waitWritable(descriptor) // a query larger than what the kernel takes
		}

		if err != nil {
			return sent, os.NewSyscallError("write", err)
		}

		if sent == len(from) {
			return sent, nil
		}
	}
}

// waitWritable returns once the kernel takes more, or the connection has ended.
func waitWritable(descriptor int) error {
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(descriptor), Events: unix.POLLOUT}}, -1)
		if err != unix.EINTR { //nolint:errorlint // never wrapped
			return err
		}
	}
}
