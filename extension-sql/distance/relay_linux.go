package main

import (
	"net"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// relay is one thread that waits in the kernel both for what comes and for when the next is let go: Go's own poller and timers would be
// late by as much as is to be added. It ends when no more comes, or when one end is gone.
func relay(from, to *net.TCPConn, way *way) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	// The kernel may be late by 50 µs unless it is told otherwise.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)

	source, target, ok := descriptors(from, to)
	if !ok {
		return
	}

	if err := pass(source, target, way); err != nil {
		_ = from.SetLinger(0) // the other end learns that it was cut off
		_, _ = from.CloseRead(), to.CloseWrite()
		_ = unix.Shutdown(source, unix.SHUT_RDWR)
		_ = unix.Shutdown(target, unix.SHUT_RDWR)

		return
	}

	_ = unix.Shutdown(target, unix.SHUT_WR)
}

// descriptors stay valid: the connections are closed only when both directions have ended.
func descriptors(from, to *net.TCPConn) (source, target int, ok bool) {
	for connection, into := range map[*net.TCPConn]*int{from: &source, to: &target} {
		raw, err := connection.SyscallConn()
		if err != nil {
			return 0, 0, false
		}

		if err := raw.Control(func(descriptor uintptr) { *into = int(descriptor) }); err != nil {
			return 0, 0, false
		}
	}

	return source, target, true
}

// queue is what is held in one direction.
type queue struct {
	chunks []chunk
	held   int
	last   time.Time
}

func (q *queue) add(bytes []byte, due time.Time) {
	q.chunks = append(q.chunks, chunk{bytes: bytes, due: due})
	q.held += len(bytes)
	q.last = due
}

func (q *queue) take() chunk {
	first := q.chunks[0]
	q.chunks = q.chunks[1:]
	q.held -= len(first.bytes)

	return first
}

func pass(source, target int, way *way) error {
	var (
		held  queue
		room  = make([]byte, mostAtOnce)
		ended bool
	)

	for !ended || len(held.chunks) > 0 {
		readable, err := await(source, &held, ended, way)
		if err != nil {
			return err
		}

		if readable {
			count, err := unix.Read(source, room)

			switch {
			case err == unix.EAGAIN || err == unix.EINTR:
			case err != nil:
				return err
			case count == 0:
				ended = true
			default:
				held.add(append([]byte(nil), room[:count]...), way.due(time.Now(), held.last))
			}
		}

		for len(held.chunks) > 0 && way.left(held.chunks[0].due) <= 0 {
			one := held.take()
			if err := send(target, one.bytes); err != nil {
				return err
			}

			way.passed(one.due)
		}
	}

	return nil
}

// await returns when something has come, or the next is to be let go.
func await(source int, held *queue, ended bool, way *way) (bool, error) {
	var (
		limit *unix.Timespec
		wait  []unix.PollFd
	)

	if !ended && held.held < mostHeld {
		wait = []unix.PollFd{{Fd: int32(source), Events: unix.POLLIN}}
	}

	if len(held.chunks) > 0 {
		left := unix.NsecToTimespec(int64(max(0, way.left(held.chunks[0].due))))
		limit = &left
	}

	count, err := unix.Ppoll(wait, limit, nil)
	if err == unix.EINTR {
		return false, nil
	}

	return count > 0, err
}

func send(target int, bytes []byte) error {
	for len(bytes) > 0 {
		count, err := unix.Write(target, bytes)

		switch err {
		case nil:
			bytes = bytes[count:]
		case unix.EINTR:
		case unix.EAGAIN:
			if _, err := unix.Ppoll([]unix.PollFd{{Fd: int32(target), Events: unix.POLLOUT}}, nil, nil); err != nil && err != unix.EINTR {
				return err
			}
		default:
			return err
		}
	}

	return nil
}
