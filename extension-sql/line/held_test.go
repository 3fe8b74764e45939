//go:build unix

package line

import (
	"bytes"
	"io"
	"net"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// holdingKinds are those that may hold a write back; what blocks sends at once.
func holdingKinds() []Kind {
	return slices.DeleteFunc(kinds(), func(kind Kind) bool { return kind == Blocking })
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
