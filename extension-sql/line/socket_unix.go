//go:build unix

package line

import (
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"inference-gap/extension-sql/clock"
)

// socket is a line that can be of each kind.
type socket struct {
	local, remote net.Addr
	// kind is only looked at by the goroutine whose query it is, and those that read and write for it.
	kind     Kind
	mayGroup bool

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
	polled net.Conn        // nil: of another kind
	raw    syscall.RawConn // of `polled`
	// descriptor of the socket where `polled` is nil.
	descriptor int
	member     *member // of a group; nil: of another kind
	closed     bool

	// deadline ends calls that block; the kernel knows of none.
	deadlineMu sync.Mutex
	deadline   *time.Timer
}

func newLine(connection net.Conn, mayGroup bool) net.Conn {
	if _, can := connection.(syscall.Conn); !can {
		return connection
	}

	made := &socket{local: connection.LocalAddr(), remote: connection.RemoteAddr(), mayGroup: mayGroup}
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

// MayGroup is as the script said.
func (s *socket) MayGroup() bool { return s.mayGroup }

// Kind is for the goroutine whose query it is.
func (s *socket) Kind() Kind { return s.kind }

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

	if s.member != nil {
		s.member.leave()
		s.member = nil
	}

	if wanted == Polled {
		s.joinPoller()
	} else if s.polled == nil || s.leavePoller() {
		s.waitAs(wanted)
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

// waitAs makes the descriptor block, or has a group look after it; Go's poller where none can.
func (s *socket) waitAs(wanted Kind) {
	if syscall.SetNonblock(s.descriptor, wanted != Blocking) != nil {
		_ = syscall.Close(s.descriptor)
		s.closed = true

		return
	}

	s.kind = wanted

	if wanted == Grouped {
		var err error
		if s.member, err = join(s.descriptor); err != nil {
			s.joinPoller()
		}
	}
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

	switch s.kind {
	case Blocking:
		return s.readBlocking(descriptor, into)
	case Grouped:
		return s.readGrouped(descriptor, into)
	case Polled:
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

// readGrouped does not look before the answer can be there.
func (s *socket) readGrouped(descriptor int, into []byte) (int, error) {
	if len(s.sending) > 0 {
		sent, err := writeAll(descriptor, s.sending)
		s.sending = s.sending[:0]

		if err != nil {
			return 0, &SendError{Err: err, Partly: sent > 0}
		}

		s.member.wait()
	}

	for {
		count, err := receiveNow(descriptor, into)
		if err != syscall.EAGAIN { //nolint:errorlint // never wrapped
			return readResult(count, err, into)
		}

		s.member.wait()
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

	if s.member != nil {
		s.member.leave()
		s.member = nil
	}

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
