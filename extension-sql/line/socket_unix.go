//go:build unix

package line

import (
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// socket is a line that can be of each kind.
type socket struct {
	local, remote net.Addr
	// kind is only looked at by the goroutine whose query it is, and those that read and write for it.
	kind Kind

	// state is held for what a read and a write have to tell each other.
	state sync.Mutex
	// reads under way: pgconn starts one in the background where a write of its own takes long, and it may still wait
	// when the next query is sent.
	reads int
	// holds: the next write is kept for the read after it.
	holds bool
	kept  []byte

	// reading is held for the read under way, which alone uses what follows. pgconn has one at a time, but where it closes a
	// connection whose goodbye could not be sent: the second one waits for the first, and finds the end.
	reading sync.Mutex

	// exchange is sendAndReceive; it sends what was `kept` and fills `into`, and leaves what came of it in `received` and
	// `failure`.
	exchange func(descriptor uintptr) bool
	sending  []byte
	into     []byte
	received int
	failure  error
	yielded  time.Duration

	// mu is held for reading by each call that uses the fields below, for as long as it takes: a descriptor must not be
	// closed, and its number be given to another file, while a thread still reads from it.
	mu     sync.RWMutex
	polled net.Conn        // nil: it blocks
	raw    syscall.RawConn // of `polled`
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

	made := &socket{local: connection.LocalAddr(), remote: connection.RemoteAddr()}
	made.exchange = made.sendAndReceive

	if made.poll(connection) != nil {
		return connection
	}

	return made
}

func (s *socket) poll(connection net.Conn) error {
	raw, err := connection.(syscall.Conn).SyscallConn() //nolint:forcetypeassert // newLine has looked
	if err == nil {
		s.polled, s.raw = connection, raw
	}

	return err
}

// Become changes it.
func (s *socket) Become(wanted Kind) {
	// Only the goroutine whose query it is changes the kind, so it may look without the lock. A read in the background would
	// be waited for until the server says something, which it does when it is asked: next time, then.
	if wanted == s.kind || !s.mu.TryLock() {
		return
	}

	defer s.mu.Unlock()

	if s.closed {
		return
	}

	if wanted == Polled {
		s.joinPoller()
	} else if s.leavePoller() {
		s.block()
	}
}

// leavePoller keeps a duplicate and closes the original: as long as the poller knew it, each answer would wake it, too.
// Returns false where there is none.
func (s *socket) leavePoller() bool {
	var err error

	duplicate := -1

	// As exec'd children must not inherit it.
	syscall.ForkLock.RLock()

	_ = s.raw.Control(func(descriptor uintptr) {
		if duplicate, err = syscall.Dup(int(descriptor)); err == nil {
			syscall.CloseOnExec(duplicate)
		}
	})

	syscall.ForkLock.RUnlock()

	if err != nil || duplicate < 0 {
		return false
	}

	_ = s.polled.Close()
	s.polled, s.raw, s.descriptor = nil, nil, duplicate

	return true
}

// block makes the descriptor block. Where that fails the line is of no use.
func (s *socket) block() {
	if syscall.SetNonblock(s.descriptor, false) != nil {
		_ = syscall.Close(s.descriptor)
		s.closed = true

		return
	}

	s.kind = Blocking
}

// joinPoller hands the descriptor to Go's poller. Where that fails the line is of no use.
func (s *socket) joinPoller() {
	if syscall.SetNonblock(s.descriptor, true) != nil {
		_ = syscall.Close(s.descriptor)
		s.closed = true

		return
	}

	file := os.NewFile(uintptr(s.descriptor), "postgres")
	defer file.Close()

	polled, err := net.FileConn(file)
	if err == nil {
		err = s.poll(polled)
	}

	s.kind = Polled

	if err != nil {
		s.closed = true
	}
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

// LocalAddr is the connection's, as it was when it was made.
func (s *socket) LocalAddr() net.Addr { return s.local }

// RemoteAddr is the connection's, as it was when it was made.
func (s *socket) RemoteAddr() net.Addr { return s.remote }
