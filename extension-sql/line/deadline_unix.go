//go:build unix

package line

import (
	"net"
	"syscall"
	"time"
)

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
