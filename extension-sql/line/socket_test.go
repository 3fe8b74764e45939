//go:build unix

package line

import (
	"bytes"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pair is a line, and what it leads to.
func pair(t *testing.T, kind Kind) (*socket, net.Conn) {
	t.Helper()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)

	defer listener.Close()

	made, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)

	far, err := listener.Accept()
	require.NoError(t, err)

	near, is := newLine(made, true).(*socket)
	require.True(t, is)
	t.Cleanup(func() {
		_ = near.Close()
		_ = far.Close()
	})

	near.Become(kind)
	require.Equal(t, kind, near.kind)

	return near, far
}

// kinds that there are here.
func kinds() []Kind {
	if len(allGroups()) == 0 {
		return []Kind{Polled, Blocking}
	}

	return []Kind{Polled, Blocking, Grouped}
}

// holdingKinds are those that may hold a write back; what blocks sends at once.
func holdingKinds() []Kind {
	return slices.DeleteFunc(kinds(), func(kind Kind) bool { return kind == Blocking })
}

// otherKind is one that is not this.
func otherKind(kind Kind) Kind {
	return (kind + 1) % Kind(len(kinds()))
}

func TestLineCarriesAllOfEachKind(t *testing.T) {
	near, far := pair(t, Polled)

	for round, kind := range []Kind{Polled, Blocking, Blocking, Polled, Grouped, Grouped, Blocking, Grouped, Polled} {
		if int(kind) >= len(kinds()) {
			continue
		}

		near.Become(kind)
		require.Equal(t, kind, near.kind)
		require.Equal(t, kind == Polled, near.polled != nil)
		require.Equal(t, kind == Grouped, near.member != nil)

		if kind != Polled {
			flags, _, failure := syscall.Syscall(syscall.SYS_FCNTL, uintptr(near.descriptor), syscall.F_GETFL, 0)
			require.Zero(t, failure)
			require.Equal(t, kind == Grouped, flags&syscall.O_NONBLOCK != 0)
		}

		sent := bytes.Repeat([]byte{byte(round + 1)}, 5_000_000) // more than the kernel keeps

		written := make(chan error, 1)

		go func() {
			_, err := near.Write(sent)
			written <- err
		}()

		seen := make([]byte, len(sent))
		_, err := io.ReadFull(far, seen)
		require.NoError(t, err)
		require.True(t, bytes.Equal(sent, seen))
		require.NoError(t, <-written) // the kind cannot change before its end

		go func() { _, _ = far.Write(sent) }()

		clear(seen)
		_, err = io.ReadFull(near, seen)
		require.NoError(t, err)
		require.True(t, bytes.Equal(sent, seen))
	}

	require.Equal(t, far.RemoteAddr(), near.LocalAddr())
	require.Equal(t, far.LocalAddr(), near.RemoteAddr())
}

func TestLineEndsItsReads(t *testing.T) {
	for name, end := range map[string]func(near *socket, far net.Conn){
		"closed here":  func(near *socket, _ net.Conn) { _ = near.Close() },
		"closed there": func(_ *socket, far net.Conn) { _ = far.Close() },
		"too late":     func(near *socket, _ net.Conn) { _ = near.SetReadDeadline(time.Now().Add(20 * time.Millisecond)) },
		"long past":    func(near *socket, _ net.Conn) { _ = near.SetDeadline(time.Unix(1, 0)) },
	} {
		for _, kind := range kinds() {
			near, far := pair(t, kind)
			ended := make(chan error)

			go func() {
				_, err := near.Read(make([]byte, 1))
				ended <- err
			}()

			time.Sleep(20 * time.Millisecond) // until it waits
			end(near, far)

			select {
			case err := <-ended:
				require.Error(t, err, name)
			case <-time.After(5 * time.Second):
				require.Fail(t, "still reads", "%s, kind %d", name, kind)
			}
		}
	}
}

func TestLineForgetsADeadlineThatIsTakenBack(t *testing.T) {
	near, far := pair(t, Blocking)

	require.NoError(t, near.SetDeadline(time.Now().Add(50*time.Millisecond)))
	require.NoError(t, near.SetDeadline(time.Time{}))
	time.AfterFunc(150*time.Millisecond, func() { _, _ = far.Write([]byte{1}) })

	count, err := near.Read(make([]byte, 1))
	require.NoError(t, err)
	require.Equal(t, 1, count)
}

func TestLineIsOfNoUseOnceItIsClosed(t *testing.T) {
	for _, kind := range kinds() {
		near, _ := pair(t, kind)

		require.NoError(t, near.Close())
		require.ErrorIs(t, near.Close(), net.ErrClosed)
		near.Become(otherKind(kind))

		_, err := near.Read(make([]byte, 1))
		require.ErrorIs(t, err, net.ErrClosed)
		_, err = near.Write([]byte{1})
		require.ErrorIs(t, err, net.ErrClosed)
		require.ErrorIs(t, near.SetDeadline(time.Now()), net.ErrClosed)
	}
}

// kindLine notes what it was told to be.
type kindLine struct {
	net.Conn

	kind       Kind
	staysAlone bool
}

func (l *kindLine) Become(wanted Kind)  { l.kind = wanted }
func (l *kindLine) Kind() Kind          { return l.kind }
func (l *kindLine) MayGroup() bool      { return !l.staysAlone }
func (l *kindLine) Hold()               {}
func (l *kindLine) Unread() (int, bool) { return 0, false }

func TestAQueryBlocksItsThreadOnlyWhereFewWereUnderWay(t *testing.T) {
	traffic.calm.Store(0)
	t.Cleanup(processors.reset)

	one, others := &kindLine{}, make([]kindLine, mostBlocking)

	for range calmQueries {
		Enter(one)
		require.Equal(t, Polled, one.kind)
		Leave()
	}

	Enter(one)
	require.Equal(t, Blocking, one.kind)

	for i := range mostBlocking - 1 {
		Enter(&others[i])
		require.Equal(t, Blocking, others[i].kind)
	}

	require.Equal(t, max(mostBlocking+1, processors.normal), runtime.GOMAXPROCS(0))

	many := Polled
	if canGroup() {
		many = Grouped
	}

	Enter(&others[mostBlocking-1])
	require.Equal(t, many, others[mostBlocking-1].kind)

	for range mostBlocking {
		Leave()
	}

	Enter(&others[mostBlocking-1])
	require.Equal(t, many, others[mostBlocking-1].kind, "until fewer were under way for a while")
	Timed()
	Enter(&others[mostBlocking-1])
	require.Equal(t, Polled, others[mostBlocking-1].kind, "a script waits for moments")
	Leave()

	traffic.calm.Store(calmQueries)
	Enter(one)
	require.Equal(t, Polled, one.kind, "however few are under way")
	Leave()
	timedUntil.Store(0)
	traffic.calm.Store(0)

	alone := &kindLine{staysAlone: true}
	Enter(alone)
	require.Equal(t, Polled, alone.kind, "its script has other connections")
	Leave()
	Leave()
	Leave()

	Enter(one)
	require.Equal(t, Polled, one.kind)
	Leave()
}

func TestGOMAXPROCSIsWhatItWasOnceNoQueryBlocks(t *testing.T) {
	t.Cleanup(processors.reset)
	require.Equal(t, processors.normal, runtime.GOMAXPROCS(0))

	wanted := processors.normal + 3
	require.True(t, processors.atLeast(wanted))
	require.Equal(t, wanted, runtime.GOMAXPROCS(0))
	require.True(t, processors.atLeast(1))
	require.Equal(t, wanted, runtime.GOMAXPROCS(0))

	processors.seen = 0

	traffic.calm.Store(calmQueries + 1)
	processors.look()
	require.Equal(t, wanted, runtime.GOMAXPROCS(0), "a query since the last look")
	traffic.underWay.Add(1)
	processors.look()
	require.Equal(t, wanted, runtime.GOMAXPROCS(0), "a query under way")
	traffic.underWay.Add(-1)
	processors.look()
	require.Equal(t, processors.normal, runtime.GOMAXPROCS(0))
}

func TestAGivenGOMAXPROCSStays(t *testing.T) {
	given := &scheduler{isGiven: true}
	given.current.Store(2)

	before := runtime.GOMAXPROCS(0)

	require.True(t, given.atLeast(2))
	require.False(t, given.atLeast(3))
	require.Equal(t, before, runtime.GOMAXPROCS(0))
}

func TestAHeldWriteIsSentWithTheRead(t *testing.T) {
	for _, kind := range holdingKinds() {
		near, far := pair(t, kind)
		answers := make(chan []byte)

		go func() {
			for answer := range answers {
				_, _ = far.Write(answer)
			}
		}()
		t.Cleanup(func() { close(answers) })

		// The last one is more than the kernel keeps.
		for _, size := range []int{1, 100, 10_000_000} {
			sent := bytes.Repeat([]byte{byte(size)}, size)

			near.Hold()

			count, err := near.Write(sent)
			require.NoError(t, err)
			require.Equal(t, size, count)

			require.NoError(t, far.SetReadDeadline(time.Now().Add(10*time.Millisecond)))
			_, err = far.Read(make([]byte, 1))
			require.ErrorIs(t, err, os.ErrDeadlineExceeded, "nothing is sent before the read")
			require.NoError(t, far.SetReadDeadline(time.Time{}))

			arrived := make(chan []byte)

			go func() {
				seen := make([]byte, size)
				_, _ = io.ReadFull(far, seen)
				answers <- []byte("answer")
				arrived <- seen
			}()

			answer := make([]byte, 100)
			count, err = near.Read(answer)
			require.NoError(t, err)
			require.Equal(t, "answer", string(answer[:count]))
			require.True(t, bytes.Equal(sent, <-arrived))
		}
	}
}

func TestASecondWriteIsHeldWithTheFirst(t *testing.T) {
	for _, kind := range holdingKinds() {
		near, far := pair(t, kind)

		near.Hold()

		for _, part := range []string{"first", "second"} {
			_, err := near.Write([]byte(part))
			require.NoError(t, err)
		}

		go func() { _, _ = near.Read(make([]byte, 1)) }()

		seen := make([]byte, len("firstsecond"))
		_, err := io.ReadFull(far, seen)
		require.NoError(t, err)
		require.Equal(t, "firstsecond", string(seen))
	}
}

// As pgconn does where a write took long: its read in the background is the one that gets the next query's answer.
func TestAReadThatWaitsAlreadyHoldsUpNothing(t *testing.T) {
	for _, kind := range kinds() {
		near, far := pair(t, kind)
		answered := make(chan string)

		go func() {
			answer := make([]byte, 100)
			count, _ := near.Read(answer)
			answered <- string(answer[:count])
		}()

		require.Eventually(t, func() bool {
			near.state.Lock()
			defer near.state.Unlock()

			return near.reads == 1
		}, time.Minute, time.Millisecond)
		near.Become(otherKind(kind))
		require.Equal(t, kind, near.kind)
		near.Hold()

		_, err := near.Write([]byte("query"))
		require.NoError(t, err)

		seen := make([]byte, len("query"))
		_, err = io.ReadFull(far, seen)
		require.NoError(t, err)
		_, err = far.Write([]byte("answer"))
		require.NoError(t, err)
		require.Equal(t, "answer", <-answered)

		near.Become(otherKind(kind))
		require.Equal(t, otherKind(kind), near.kind)
	}
}

func TestAHeldWriteThatFailsIsTheReadsError(t *testing.T) {
	for _, kind := range holdingKinds() {
		near, far := pair(t, kind)

		require.NoError(t, far.(*net.TCPConn).SetLinger(0)) //nolint:forcetypeassert // pair listens on TCP
		require.NoError(t, far.Close())                     // by a reset
		time.Sleep(200 * time.Millisecond)                  // until it has arrived

		near.Hold()

		_, err := near.Write([]byte("query"))
		require.NoError(t, err)

		_, err = near.Read(make([]byte, 1))

		var unsent *SendError
		require.ErrorAs(t, err, &unsent)
		require.False(t, unsent.Partly)
	}
}

func TestADeadlineEndsAHeldWrite(t *testing.T) {
	for _, kind := range holdingKinds() {
		near, far := pair(t, kind)

		near.Hold()

		_, err := near.Write(make([]byte, 50_000_000)) // nobody reads it but for its first byte
		require.NoError(t, err)

		go func() {
			_, _ = io.ReadFull(far, make([]byte, 1))
			_ = near.SetDeadline(time.Unix(1, 0))
		}()

		_, err = near.Read(make([]byte, 1))

		var unsent *SendError
		require.ErrorAs(t, err, &unsent)
		require.True(t, unsent.Partly)
	}
}

func TestALineTellsWhatCameUnasked(t *testing.T) {
	for _, kind := range kinds() {
		near, far := pair(t, kind)
		require.True(t, is(near.Unread())(0, false))

		_, err := far.Write([]byte("more"))
		require.NoError(t, err)
		require.Eventually(t, func() bool { return is(near.Unread())(1, false) }, time.Minute, time.Millisecond)

		answer := make([]byte, 100)
		count, err := near.Read(answer)
		require.NoError(t, err)
		require.Equal(t, "more", string(answer[:count]))
		require.True(t, is(near.Unread())(0, false))

		require.NoError(t, far.Close())
		require.Eventually(t, func() bool { return is(near.Unread())(0, true) }, time.Minute, time.Millisecond)

		require.NoError(t, near.Close())
		require.True(t, is(near.Unread())(0, true))
	}
}

func is(bytes int, ended bool) func(int, bool) bool {
	return func(otherBytes int, otherEnded bool) bool { return bytes == otherBytes && ended == otherEnded }
}
