//go:build unix

package pgxdriver

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// socket is a line that can be of either kind.
type socket struct {
	local, remote net.Addr

	// mu is held for reading by each call that uses the fields below, for as long as it takes: a descriptor must not be
	// closed, and its number be given to another file, while a thread still reads from it.
	mu     sync.RWMutex
	polled net.Conn // nil: the thread blocks
	// descriptor of the socket where `polled` is nil.
	descriptor int
	closed     bool

	// deadline ends calls that block; the kernel knows of none.
	deadlineMu sync.Mutex
	deadline   *time.Timer
}

func newLine(connection net.Conn) net.Conn {
	if _, can := connection.(syscall.Conn); !can {
		return connection
	}

	return &socket{polled: connection, local: connection.LocalAddr(), remote: connection.RemoteAddr()}
}

func (s *socket) block(wanted bool) {
	// Only the goroutine whose query it is changes the kind, so it may look without the lock.
	if wanted == (s.polled == nil) {
		return
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	if s.closed {
		return
	}

	if wanted {
		s.leavePoller()
	} else {
		s.joinPoller()
	}
}

// leavePoller keeps a duplicate and closes the original: as long as the poller knew it, each answer would wake it, too.
func (s *socket) leavePoller() {
	raw, err := s.polled.(syscall.Conn).SyscallConn() //nolint:forcetypeassert // newLine has looked
	if err != nil {
		return
	}

	duplicate := -1

	// As exec'd children must not inherit it.
	syscall.ForkLock.RLock()

	_ = raw.Control(func(descriptor uintptr) {
		if duplicate, err = syscall.Dup(int(descriptor)); err == nil {
			syscall.CloseOnExec(duplicate)
		}
	})

	syscall.ForkLock.RUnlock()

	if err != nil || duplicate < 0 {
		return
	}

	_ = s.polled.Close()

	if syscall.SetNonblock(duplicate, false) != nil {
		_ = syscall.Close(duplicate)
		s.closed = true

		return
	}

	s.polled, s.descriptor = nil, duplicate
}

func (s *socket) joinPoller() {
	if syscall.SetNonblock(s.descriptor, true) != nil {
		return
	}

	file := os.NewFile(uintptr(s.descriptor), "postgres")
	defer file.Close()

	polled, err := net.FileConn(file)
	if err != nil {
		s.closed = true

		return
	}

	s.polled = polled
}

// use gives the connection or the descriptor; done is called after.
func (s *socket) use() (polled net.Conn, descriptor int, err error) {
	s.mu.RLock()

	if s.closed {
		s.mu.RUnlock()

		return nil, 0, net.ErrClosed
	}

	return s.polled, s.descriptor, nil
}

func (s *socket) done() {
	s.mu.RUnlock()
}

// Read waits for the server.
func (s *socket) Read(into []byte) (int, error) {
	polled, descriptor, err := s.use()
	if err != nil {
		return 0, err
	}
	defer s.done()

	if polled != nil {
		return polled.Read(into)
	}

	for {
		count, err := syscall.Read(descriptor, into)

		switch {
		case err == syscall.EINTR: //nolint:errorlint // never wrapped
			continue
		case err != nil:
			return 0, os.NewSyscallError("read", err)
		case count == 0 && len(into) > 0:
			return 0, io.EOF
		}

		return count, nil
	}
}

// Write sends all of it, or returns an error.
func (s *socket) Write(from []byte) (int, error) {
	polled, descriptor, err := s.use()
	if err != nil {
		return 0, err
	}
	defer s.done()

	if polled != nil {
		return polled.Write(from)
	}

	sent := 0
	for sent < len(from) {
		count, err := syscall.Write(descriptor, from[sent:])
		if err == syscall.EINTR { //nolint:errorlint // never wrapped
			continue
		}

		if err != nil {
			return sent, os.NewSyscallError("write", err)
		}

		sent += count
	}

	return sent, nil
}

// Close may come while another goroutine reads: its call ends first.
func (s *socket) Close() error {
	polled, descriptor, err := s.use()
	if err != nil {
		return err
	}

	if polled != nil {
		err = polled.Close()
	} else {
		_ = syscall.Shutdown(descriptor, syscall.SHUT_RDWR)
	}

	s.done()
	_ = s.SetDeadline(time.Time{})

	s.mu.Lock()
	defer s.mu.Unlock()

	if !s.closed && s.polled == nil {
		err = syscall.Close(s.descriptor)
	}

	s.closed = true

	return err
}

// SetDeadline ends the connection where its calls block: whoever sets a deadline here is about to close it.
func (s *socket) SetDeadline(at time.Time) error {
	return s.setDeadline(at, net.Conn.SetDeadline)
}

// SetReadDeadline is SetDeadline where calls block.
func (s *socket) SetReadDeadline(at time.Time) error {
	return s.setDeadline(at, net.Conn.SetReadDeadline)
}

// SetWriteDeadline is SetDeadline where calls block.
func (s *socket) SetWriteDeadline(at time.Time) error {
	return s.setDeadline(at, net.Conn.SetWriteDeadline)
}

func (s *socket) setDeadline(at time.Time, set func(net.Conn, time.Time) error) error {
	polled, _, err := s.use()
	if err != nil {
		return err
	}
	defer s.done()

	if polled != nil {
		return set(polled, at)
	}

	s.deadlineMu.Lock()
	defer s.deadlineMu.Unlock()

	if s.deadline != nil {
		s.deadline.Stop()
		s.deadline = nil
	}

	if !at.IsZero() {
		s.deadline = time.AfterFunc(time.Until(at), s.expire)
	}

	return nil
}

func (s *socket) expire() {
	polled, descriptor, err := s.use()
	if err != nil {
		return
	}
	defer s.done()

	if polled == nil {
		_ = syscall.Shutdown(descriptor, syscall.SHUT_RDWR)
	}
}

// LocalAddr is the connection's, as it was when it was made.
func (s *socket) LocalAddr() net.Addr { return s.local }

// RemoteAddr is the connection's, as it was when it was made.
func (s *socket) RemoteAddr() net.Addr { return s.remote }
