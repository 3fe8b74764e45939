package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// linked is a link to whoever answers as told, entered at the address that it returns.
func linked(t *testing.T, way *way, answer func(net.Conn)) string {
	t.Helper()

	server, err := net.Listen("tcp", anyPort)
	require.NoError(t, err)

	link, err := net.Listen("tcp", anyPort)
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = server.Close(), link.Close() })

	go func() {
		for {
			one, err := server.Accept()
			if err != nil {
				return
			}

			go answer(one)
		}
	}()
	go enter(link, server.Addr().String(), way)

	return link.Addr().String()
}

func echo(connection net.Conn) {
	_, _ = io.Copy(connection, connection)
	_ = connection.Close()
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()

	one, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = one.Close() })

	return one
}

// What is on its way is held by the sender's time: a megabyte in pieces arrives whole and in order, in far less than a round trip for
// each piece.
func TestKeepsOrderAndThroughput(t *testing.T) {
	held := &way{}
	held.hold.Store(int64(20 * time.Millisecond))
	held.jitter.Store(int64(10 * time.Millisecond))

	connection := dial(t, linked(t, held, echo))
	sent := make([]byte, 1<<20)

	for i := range sent {
		sent[i] = byte(rand.IntN(256))
	}

	began := time.Now()

	go func() {
		for part := range 1024 {
			_, _ = connection.Write(sent[part<<10 : (part+1)<<10])
		}
	}()

	got := make([]byte, len(sent))
	_, err := io.ReadFull(connection, got)
	require.NoError(t, err)
	require.Equal(t, sha256.Sum256(sent), sha256.Sum256(got))
	// One piece after the other would take 1024 × 40 ms.
	require.Less(t, time.Since(began), 20*time.Second)
}

func TestHoldsWhatPasses(t *testing.T) {
	held := &way{}
	connection := dial(t, linked(t, held, echo))
	room := make([]byte, 1)
	least := func() time.Duration {
		best := time.Hour

		for range 20 {
			took, err := roundTrip(connection, room)
			require.NoError(t, err)

			best = min(best, took)
		}

		return best
	}

	held.hold.Store(int64(15 * time.Millisecond))
	// It may be let go a little sooner than wanted, by as much as the kernel was late before.
	require.GreaterOrEqual(t, least(), 30*time.Millisecond-2*mostLate)
}

func TestConnectionsDoNotWaitForEachOther(t *testing.T) {
	held := &way{}
	held.hold.Store(int64(50 * time.Millisecond))

	address := linked(t, held, echo)
	began := time.Now()

	var all sync.WaitGroup

	for range 50 {
		all.Add(1)

		connection := dial(t, address)

		go func() {
			defer all.Done()

			_, err := roundTrip(connection, make([]byte, 1))
			if err != nil {
				t.Error(err)
			}
		}()
	}

	all.Wait()
	// One after the other they would take five seconds.
	require.Less(t, time.Since(began), 4*time.Second)
}

func TestTheEndOfOneDirectionIsPassedOnAndTheOtherStays(t *testing.T) {
	held := &way{}
	held.hold.Store(int64(time.Millisecond))

	address := linked(t, held, func(connection net.Conn) {
		all, _ := io.ReadAll(connection) // until the end is told
		_, _ = connection.Write(bytes.ToUpper(all))
		_ = connection.Close()
	})

	connection := dial(t, address)
	_, err := connection.Write([]byte("all of it"))
	require.NoError(t, err)
	require.NoError(t, connection.(*net.TCPConn).CloseWrite()) //nolint:forcetypeassert // tcp

	answer, err := io.ReadAll(connection)
	require.NoError(t, err)
	require.Equal(t, "ALL OF IT", string(answer))
}

func TestWhereNobodyAnswersTheConnectionEnds(t *testing.T) {
	gone, err := net.Listen("tcp", anyPort)
	require.NoError(t, err)
	require.NoError(t, gone.Close())

	link, err := net.Listen("tcp", anyPort)
	require.NoError(t, err)

	defer link.Close()

	go enter(link, gone.Addr().String(), &way{})

	_, err = dial(t, link.Addr().String()).Read(make([]byte, 1))
	require.Error(t, err)
}

// What comes later is never let go sooner, whatever chance says.
func TestJitterKeepsTheOrder(t *testing.T) {
	held := &way{}
	held.hold.Store(1000)
	held.jitter.Store(900)

	came, last := time.Now(), time.Time{}

	distinct := map[time.Duration]bool{}

	for range 1000 {
		due := held.due(came, last)
		require.False(t, due.Before(last))

		distinct[due.Sub(came)] = true
		last = due
		came = came.Add(100)
	}

	require.Greater(t, len(distinct), 100)
}

func TestControl(t *testing.T) {
	prover, err := newProver(&way{})
	require.NoError(t, err)

	control := httptest.NewServer(controlOf(prover))
	defer control.Close()

	ask := func(path, body string) (int, string) {
		answer, err := http.Post(control.URL+path, "application/json", strings.NewReader(body))
		require.NoError(t, err)

		defer answer.Body.Close()

		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)

		return answer.StatusCode, string(text)
	}

	status, text := ask("/set", `{"roundTripMs": 20}`)
	require.Equal(t, http.StatusOK, status)

	var told struct{ AddedMs float64 }

	require.NoError(t, json.Unmarshal([]byte(text), &told))
	// A machine that does something else is late, never early by much.
	require.Greater(t, told.AddedMs, 15.0)

	for body, message := range map[string]string{
		`{"roundTripMs": -1}`:                 "roundTripMs: -1; expected milliseconds from 0 to 10000",
		`{"roundTripMs": 1, "jitterMs": 1e6}`: "jitterMs: 1e+06; expected milliseconds from 0 to 10000",
		`no`:                                  "invalid character",
	} {
		status, text := ask("/set", body)
		require.Equal(t, http.StatusBadRequest, status)
		require.Contains(t, text, message)
	}
}
