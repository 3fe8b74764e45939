//go:build unix

package pgxdriver

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
func pair(t *testing.T, blocks bool) (*socket, net.Conn) {
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

	near.block(blocks)
	require.Equal(t, blocks, near.polled == nil)

	return near, far
}

func TestLineCarriesAllOfEitherKind(t *testing.T) {
	near, far := pair(t, false)

	for round, blocks := range []bool{false, true, true, false, true, false} {
		near.block(blocks)
		require.Equal(t, blocks, near.polled == nil)

		if blocks {
			flags, _, failure := syscall.Syscall(syscall.SYS_FCNTL, uintptr(near.descriptor), syscall.F_GETFL, 0)
			require.Zero(t, failure)
			require.Zero(t, flags&syscall.O_NONBLOCK)
		}

		sent := bytes.Repeat([]byte{byte(round + 1)}, 5_000_000) // more than the kernel keeps

		go func() { _, _ = near.Write(sent) }()

		seen := make([]byte, len(sent))
		_, err := io.ReadFull(far, seen)
		require.NoError(t, err)
		require.True(t, bytes.Equal(sent, seen))

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
		for _, blocks := range []bool{false, true} {
			near, far := pair(t, blocks)
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
				require.Fail(t, "still reads", "%s, blocks: %v", name, blocks)
			}
		}
	}
}

func TestLineForgetsADeadlineThatIsTakenBack(t *testing.T) {
	near, far := pair(t, true)

	require.NoError(t, near.SetDeadline(time.Now().Add(50*time.Millisecond)))
	require.NoError(t, near.SetDeadline(time.Time{}))
	time.AfterFunc(150*time.Millisecond, func() { _, _ = far.Write([]byte{1}) })

	count, err := near.Read(make([]byte, 1))
	require.NoError(t, err)
	require.Equal(t, 1, count)
}

func TestLineIsOfNoUseOnceItIsClosed(t *testing.T) {
	for _, blocks := range []bool{false, true} {
		near, _ := pair(t, blocks)

		require.NoError(t, near.Close())
		require.ErrorIs(t, near.Close(), net.ErrClosed)
		near.block(!blocks)

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

	blocks bool
}

func (l *kindLine) block(wanted bool) { l.blocks = wanted }
func (l *kindLine) hold()             {}

func TestAQueryBlocksItsThreadOnlyWhereManyBeforeItWereAlone(t *testing.T) {
	traffic.calm.Store(0)

	one, other := &kindLine{}, &kindLine{}

	for range calmQueries {
		enter(one)
		require.False(t, one.blocks)
		leave()
	}

	enter(one)
	require.True(t, one.blocks)
	enter(other)
	require.False(t, other.blocks)
	leave()
	leave()

	enter(one)
	require.False(t, one.blocks)
	leave()
}
