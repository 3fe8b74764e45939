// Package line is the socket below a request and its answer: how a client waits, and how its waiting ends. Both sides of a
// comparison are asked over it.
package line

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"inference-gap/extension-sql/clock"
)

// Kind is how a line waits for an answer.
type Kind int

const (
	// Polled is what a line begins as: a goroutine that waits is parked, and the runtime's poller wakes it. A single client pays for
	// it with each query: the processor goes idle and its thread to sleep, another waits in epoll, both are woken.
	Polled Kind = iota
	// Blocking costs one system call, and a thread: for few clients.
	Blocking
)

// Line is the way to the server, of one of two kinds.
type Line interface {
	net.Conn
	// Become changes the kind, between queries only. What cannot be changed stays as it is.
	Become(Kind)
	// Hold keeps the next write until the read after it; an error of it is a *SendError then.
	Hold()
	// Unread looks, between requests, at what has come without being asked for: how many bytes (at least), and whether the
	// other end has gone. Where that cannot be told: none, and it has not.
	Unread() (bytes int, ended bool)
}

// SendError is why not all of a request was sent.
type SendError struct {
	Err error
	// Partly: some of it was.
	Partly bool
}

func (e *SendError) Error() string { return e.Err.Error() }

func (e *SendError) Unwrap() error { return e.Err }

const (
	// mostBlocking is how many queries of the process may block a thread each. Up to so many clients the kernel wakes the right
	// thread at once, where Go's poller wakes one that then wakes another; with more, threads that take turns cost more than
	// a few that find many answers at a time. Against pgbench, on 2 cores: 5 clients 0.90 blocking and 0.80 polling, 10 clients
	// 0.80 and 0.80, 20 clients 0.77 and 0.83.
	mostBlocking = 8
	// calmQueries in a row, of all connections of the process, must have found fewer others under way before one blocks.
	calmQueries = 64
)

// traffic is what all connections of the process are doing.
var traffic struct { //nolint:gochecknoglobals // the processors that it is about are the process's
	underWay atomic.Int64
	// calm counts the queries since more than mostBlocking were under way at once.
	calm atomic.Int64
}

// timedFor is how long after a script waited for a moment of its own all lines wait in Go's poller. Its timers are there, too: while
// threads wait for answers in other ways, nobody may be there to see that the moment has come.
const timedFor = 100 * time.Millisecond

// timedUntil is the end of that, on the clock.
var timedUntil atomic.Int64 //nolint:gochecknoglobals // the processors that it is about are the process's

// Timed tells that a script waits for a moment.
func Timed() {
	timedUntil.Store(int64(clock.Now() + timedFor))
}

func isTimed() bool {
	return int64(clock.Now()) <= timedUntil.Load()
}

// Enter is called before a request is sent, and Leave after its end.
func Enter(way Line) {
	underWay := traffic.underWay.Add(1)

	if isTimed() {
		way.Become(Polled)

		return
	}

	if underWay > mostBlocking {
		if traffic.calm.Load() != 0 {
			traffic.calm.Store(0)
		}
	} else if traffic.calm.Add(1) > calmQueries {
		// One more than can block: who runs must not wait for one of those to be taken away.
		if processors.atLeast(int(underWay) + 1) {
			way.Become(Blocking)

			return
		}
	}

	way.Become(Polled)
}

// Leave is called after the end of a request, whatever its end was.
func Leave() {
	traffic.underWay.Add(-1)
}

// IsUnderWay tells whether any request of the process is.
func IsUnderWay() bool {
	return traffic.underWay.Load() > 0
}

// Dial makes a connection whose kind can be changed.
func Dial(
	dial func(context.Context, string, string) (net.Conn, error),
) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		made, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}

		return newLine(made), nil
	}
}

// Of finds the line below whatever was put on it, TLS for one.
func Of(connection net.Conn) Line {
	for {
		switch known := connection.(type) {
		case Line:
			return known
		case interface{ NetConn() net.Conn }:
			connection = known.NetConn()
		default:
			return fixedLine{connection}
		}
	}
}

// fixedLine cannot be changed.
type fixedLine struct{ net.Conn }

func (fixedLine) Become(Kind) {}
func (fixedLine) Hold()       {}

func (fixedLine) Unread() (int, bool) { return 0, false }
