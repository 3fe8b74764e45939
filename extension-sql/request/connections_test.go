package request_test

import (
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.k6.io/k6/lib"
)

func TestConnectionsAreKeptAndTheWorkerIsNamed(t *testing.T) {
	var asked atomic.Int64

	server := served(t, func(to http.ResponseWriter, question *http.Request) {
		if asked.Add(1)%2 == 0 {
			to.Header().Set("X-Worker", "two")
		}

		echo(to, question)
	})
	u := user(t, server.URL, counted)

	require.Nil(t, run(t, u, `service.label()`))
	run(t, u, `for (let i = 0; i < 501; i++) service.send('[1]')`)
	require.Nil(t, run(t, u, `service.label()`))
	run(t, u, `service.send('[1]')`)
	require.Equal(t, "two", run(t, u, `service.label()`))
	require.EqualValues(t, 1, run(t, u, `opened`))
	run(t, u, `service.close(); service.close(); service.send('[1]')`)
	require.EqualValues(t, 2, run(t, u, `opened`))
}

func TestConnectionsThatEndAreOpenedAnew(t *testing.T) {
	for name, answer := range map[string]string{
		"closed as it says":             "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n[1]",
		"HTTP/1.0":                      "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n[1]",
		"until its end":                 "HTTP/1.1 200 OK\r\n\r\n[1]",
		"more than was wanted":          "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[9]",
		"closed while it rests, unsaid": "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]",
	} {
		address, closed := scriptedTelling(t, func(*net.TCPConn) {}, answer)
		u := user(t, address, counted)
		for range 3 {
			require.Equal(t, "[1]", run(t, u, `JSON.stringify(service.send('[2]'))`), name)
			<-closed
			time.Sleep(50 * time.Millisecond) // longer than restBeforeLook
		}

		require.EqualValues(t, 3, run(t, u, `opened`), name)
		require.EqualValues(t, 2, run(t, u, `service.replaced()`), name)
	}
}

// What the script itself closes was not lost: only what takes a lost one's place is counted.
func TestAConnectionThatTheScriptClosedWasNotLost(t *testing.T) {
	server := served(t, echo)
	u := user(t, server.URL, counted)
	require.EqualValues(t, 0, run(t, u, `for (let i = 0; i < 3; i++) { service.send('[1]'); service.close() } service.replaced()`))
	require.EqualValues(t, 3, run(t, u, `opened`))
	server.CloseClientConnections()
	require.EqualValues(t, 0, run(t, u, `service.send('[1]'); service.replaced()`))
	server.CloseClientConnections()
	time.Sleep(50 * time.Millisecond)
	require.EqualValues(t, 1, run(t, u, `service.send('[1]'); service.replaced()`))
}

// A request of which something was sent may have been executed: nobody sends it again but the script.
func TestARequestThatWasSentIsNotSentAgain(t *testing.T) {
	var seen atomic.Int64

	server := served(t, func(to http.ResponseWriter, question *http.Request) {
		if seen.Add(1) == 2 {
			panic(http.ErrAbortHandler) // closes the connection without an answer
		}

		echo(to, question)
	})
	u := user(t, server.URL, counted)

	run(t, u, `service.send('[1]')`)

	_, err := u.VU.RuntimeField.RunString(`service.send('[2]')`)
	require.ErrorContains(t, err, "broke before the answer was complete")
	require.EqualValues(t, 2, seen.Load())
	run(t, u, `service.send('[3]')`)
	require.EqualValues(t, 2, run(t, u, `opened`))
}

// The server resets a connection that it has answered on, and the client does not look, for it has not rested.
func TestARequestThatWasNotSentIsSentOnAnotherConnection(t *testing.T) {
	for _, before := range []int{1, 200} { // then the thread blocks
		address, closed := scriptedTelling(t, func(conn *net.TCPConn) { _ = conn.SetLinger(0) },
			slices.Repeat([]string{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]"}, before)...)
		u := user(t, address, counted)
		require.NoError(t, u.VU.RuntimeField.Set("pause", func() { <-closed }))
		require.EqualValues(t, 3, run(t, u, fmt.Sprintf(
			`for (let i = 0; i < 3; i++) { for (let j = 0; j < %d; j++) service.send('[1]'); pause() } opened`, before)))
	}
}

func TestManyAtOnce(t *testing.T) {
	server := served(t, echo)

	var all sync.WaitGroup

	for client := range 30 {
		u := user(t, server.URL, counted)

		all.Go(func() {
			code := fmt.Sprintf(`for (let i = 0; i < 200; i++) if (service.send('[' + (i * %d) + ']')[0] !== i * %[1]d) throw new Error('another answer'); opened`, client)
			value, err := u.VU.RuntimeField.RunString(code)

			if err != nil || value.ToInteger() != 1 {
				t.Errorf("client %d: %v, connections %v", client, err, value)
			}
		})
	}

	all.Wait()
}

func TestTLS(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(echo))
	t.Cleanup(server.Close)

	u := user(t, server.URL, counted)
	_, err := u.VU.RuntimeField.RunString(`service.send('[1]')`)
	require.ErrorContains(t, err, "certificate")

	trusting := userIn(t, &lib.State{TLSConfig: server.Client().Transport.(*http.Transport).TLSClientConfig}, //nolint:forcetypeassert // httptest's
		server.URL, counted)
	require.EqualValues(t, 500*3, run(t, trusting, `
		let sum = 0
		for (let i = 0; i < 500; i++) sum += service.send('[3]')[0]
		if (opened !== 1) throw new Error('connections: ' + opened)
		service.close()
		sum`))
}

func TestCertificatesOfOnesOwn(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(echo))
	t.Cleanup(server.Close)

	file := filepath.Join(t.TempDir(), "of one's own.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(
		&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600))

	trusting := user(t, server.URL, fmt.Sprintf(`{ ca: %q }`, file))
	require.EqualValues(t, 3, run(t, trusting, `service.send('[3]')[0]`))

	// The name must be that of the certificate all the same.
	elsewhere := user(t, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), fmt.Sprintf(`{ ca: %q }`, file))
	_, err := elsewhere.VU.RuntimeField.RunString(`service.send('[1]')`)
	require.ErrorContains(t, err, "certificate is valid for")
}
