//go:build unix

package line

import (
	"bytes"
	"io"
	"net"
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

	near, is := newLine(made).(*socket)
	require.True(t, is)
	t.Cleanup(func() {
		_ = near.Close()
		_ = far.Close()
	})

	near.Become(kind)
	require.Equal(t, kind, near.kind)

	return near, far
}

// kinds that there are.
func kinds() []Kind { return []Kind{Polled, Blocking} }

// otherKind is one that is not this.
func otherKind(kind Kind) Kind {
	return (kind + 1) % Kind(len(kinds()))
}

func TestLineCarriesAllOfEachKind(t *testing.T) {
	near, far := pair(t, Polled)

	for round, kind := range []Kind{Polled, Blocking, Blocking, Polled, Polled, Blocking} {
		near.Become(kind)
		require.Equal(t, kind, near.kind)
		require.Equal(t, kind == Polled, near.polled != nil)

		if kind != Polled {
			flags, _, failure := syscall.Syscall(syscall.SYS_FCNTL, uintptr(near.descriptor), syscall.F_GETFL, 0)
			require.Zero(t, failure)
			require.Zero(t, flags&syscall.O_NONBLOCK)
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
