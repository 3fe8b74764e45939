//go:build unix

package line

import (
	"encoding/binary"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// grouped is a line in a group, and what it leads to.
func grouped(t *testing.T) (*socket, net.Conn) {
	t.Helper()

	if len(allGroups()) == 0 {
		t.Skip("there are no groups here")
	}

	return pair(t, Grouped)
}

// inGroups is the sum over all groups.
func inGroups(count func(*group) int) (sum int) {
	for _, each := range allGroups() {
		each.mu.Lock()
		sum += count(each)
		each.mu.Unlock()
	}

	return sum
}

// echo answers what it reads, after a while.
func echo(far net.Conn, after func() time.Duration) {
	one := make([]byte, 4)

	for {
		if _, err := io.ReadFull(far, one); err != nil {
			return
		}

		time.Sleep(after())

		if _, err := far.Write(one); err != nil {
			return
		}
	}
}

func TestEachLineOfAGroupGetsItsOwnAnswers(t *testing.T) {
	const lines, rounds = 100, 200

	var (
		all  sync.WaitGroup
		seen atomic.Int64
	)

	for number := range lines {
		near, far := grouped(t)

		go echo(far, func() time.Duration { return time.Duration(number%3) * 20 * time.Microsecond })
		all.Go(func() {
			for round := range rounds {
				asked, answer := make([]byte, 4), make([]byte, 4)
				binary.BigEndian.PutUint32(asked, uint32(number*rounds+round))

				near.Hold()

				if _, err := near.Write(asked); err != nil {
					return
				}

				if _, err := io.ReadFull(near, answer); err != nil || string(answer) != string(asked) {
					return
				}

				seen.Add(1)

				if number%10 == 0 {
					time.Sleep(time.Millisecond) // what a script does with its time holds up no other
				}
			}
		})
	}

	all.Wait()
	require.EqualValues(t, lines*rounds, seen.Load())
}

// A reader of a few bytes comes back for those that came with them.
func TestALineOfAGroupReadsWhatIsLeft(t *testing.T) {
	near, far := grouped(t)

	near.Hold()
	_, err := near.Write([]byte("ask!"))
	require.NoError(t, err)

	go func() { _, _ = far.Write([]byte("an answer in parts")) }()

	for _, part := range "an answer in parts" {
		one := make([]byte, 1)
		_, err := near.Read(one)
		require.NoError(t, err)
		require.Equal(t, string(part), string(one))
	}
}

// What came while nobody read is there for the next read, and for no other.
func TestALineOfAGroupFindsWhatCameBefore(t *testing.T) {
	near, far := grouped(t)

	_, err := far.Write([]byte("unasked"))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return is(near.Unread())(1, false) }, time.Minute, time.Millisecond)

	seen := make([]byte, 100)
	count, err := near.Read(seen)
	require.NoError(t, err)
	require.Equal(t, "unasked", string(seen[:count]))

	go echo(far, func() time.Duration { return 20 * time.Millisecond })

	near.Hold()
	_, err = near.Write([]byte("last"))
	require.NoError(t, err)
	count, err = near.Read(seen)
	require.NoError(t, err)
	require.Equal(t, "last", string(seen[:count]))
}

// While all of Go's processors wait for lines, timers, other connections and collections of garbage go on.
func TestGroupsLeaveProcessorsToOthers(t *testing.T) {
	waiting := make([]*socket, 4*runtime.GOMAXPROCS(0))

	for i := range waiting {
		near, _ := grouped(t)
		waiting[i] = near

		go func() { _, _ = near.Read(make([]byte, 1)) }()
	}

	require.Eventually(t, func() bool {
		return inGroups(func(each *group) int { return each.waiting }) == len(waiting)
	}, time.Minute, time.Millisecond)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })

	go func() {
		if other, err := listener.Accept(); err == nil {
			echo(other, func() time.Duration { return 0 })
		}
	}()

	other, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = other.Close() })

	answer := make([]byte, 4)

	for range 200 {
		_, err = other.Write(answer)
		require.NoError(t, err)
		_, err = io.ReadFull(other, answer)
		require.NoError(t, err)
	}

	for range 20 {
		done := make(chan struct{})

		time.AfterFunc(time.Millisecond, func() { close(done) })

		select {
		case <-done:
		case <-time.After(5 * time.Second):
			require.Fail(t, "a timer did not come")
		}

		runtime.GC()
	}
}

func TestAGroupForgetsWhoLeft(t *testing.T) {
	members := func() int { return inGroups(func(each *group) int { return len(each.members) }) }

	before := members()
	first, _ := grouped(t)
	second, _ := grouped(t)

	require.Equal(t, before+2, members())

	if len(allGroups()) > 1 {
		require.NotSame(t, first.member.group, second.member.group, "the smallest group takes it")
	}

	require.NoError(t, first.Close())
	second.Become(Polled)
	require.Equal(t, before, members())
}
