package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"
)

func TestHTTPAnswersInTheFormOfTheQuestion(t *testing.T) {
	address := listening(t, constant("http"))

	for form, expected := range map[string][]byte{"application/json": inJSON, "application/msgpack": inMessagePack} {
		answer, body := asked(t, address, http.MethodPost, "", form, "[35,2013,1,2]")
		require.Equal(t, http.StatusOK, answer.StatusCode)
		require.Equal(t, form, answer.Header.Get("Content-Type"))
		require.Equal(t, expected, body)
	}
}

func asked(t *testing.T, address, method, path, form, body string) (*http.Response, []byte) {
	t.Helper()

	question, err := http.NewRequestWithContext(context.Background(), method, "http://"+address+path, strings.NewReader(body))
	require.NoError(t, err)
	question.Header.Set("Content-Type", form)

	answer, err := http.DefaultClient.Do(question)
	require.NoError(t, err)

	read, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.False(t, answer.Close, "the connection must stay")

	return answer, read
}

// The same bytes of the body, the same status and headers and no others, whatever is asked.
func TestHTTPGivesARealAnswer(t *testing.T) {
	long := strings.Repeat(`{"score":0.25}`, 1000)

	for name, one := range map[string]listenerConfiguration{
		"json": {
			Protocol: "http", Status: 200, Body: []byte(`{"score":0.25}`),
			Headers: map[string][]string{
				"content-type": {"application/json"}, "x-worker": {"3"}, "Date": {"then"}, "connection": {"keep-alive"},
			},
		},
		"longer than buffers are": {
			Protocol: "http", Status: 200, Body: []byte(long), Headers: map[string][]string{"content-type": {"text/x"}},
		},
		"another status, twice a header, no type": {
			Protocol: "http", Status: 422, Body: []byte{0, 0xff}, Headers: map[string][]string{"a": {"1", "2"}},
		},
		"a status without a name": {Protocol: "http", Status: 299},
		"nothing in it":           {Protocol: "http", Status: 204},
	} {
		address := listening(t, one)

		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			answer, body := asked(t, address, method, "/predict/7?detail=1", "text/plain", "a question")
			require.Equal(t, one.Status, answer.StatusCode, name)
			require.Equal(t, string(one.Body), string(body), name)
			require.Empty(t, answer.TransferEncoding, name)

			answer.Header.Del("Content-Length")

			if _, isDated := one.Headers["Date"]; isDated {
				require.NotEqual(t, "then", answer.Header.Get("Date"), name)
				answer.Header.Set("Date", "then")
			}

			expected := http.Header{}
			for header, values := range one.Headers {
				expected[http.CanonicalHeaderKey(header)] = values
			}

			require.Equal(t, expected, answer.Header, name)
		}
	}
}

// What clients may send, as bytes: the answers to all of it, up to the end of the connection.
func TestHTTPReadsAllOfAQuestion(t *testing.T) {
	const (
		head = "HTTP/1.1 200 OK\r\nContent-Type: text/x\r\nContent-Length: 1\r\n"
		one  = head + "\r\n7"
		last = head + "Connection: close\r\n\r\n7"
		bad  = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
		end  = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"
	)

	address := listening(t, listenerConfiguration{
		Protocol: "http", Status: 200, Body: []byte("7"), Headers: map[string][]string{"Content-Type": {"text/x"}},
	})

	for name, each := range map[string]struct{ sent, expected string }{
		"two at once":             {"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc" + end, one + last},
		"a body in chunks":        {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n" + end, one + last},
		"lines with a newline":    {"GET / HTTP/1.1\nHost: x\n\n" + end, one + last},
		"a long line":             {"GET / HTTP/1.1\r\nConnection: x" + strings.Repeat(" ", 1<<16) + "\r\n\r\n" + end, one + last},
		"no more than the head":   {"HEAD / HTTP/1.1\r\n\r\n" + end, head + "\r\n" + last},
		"a body that is held":     {"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na" + end, "HTTP/1.1 100 Continue\r\n\r\n" + one + last},
		"one of several says end": {"GET / HTTP/1.1\r\nconnection: TE, Close\r\n\r\n" + end, last},
		"HTTP/1.0":                {"GET / HTTP/1.0\r\n\r\n" + end, last},
		"HTTP/1.0 that is kept":   {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n" + end, head + "Connection: keep-alive\r\n\r\n7" + last},
		"no request":              {"\x16\x03\x01\n" + end, bad},
		"another protocol":        {"GET / ICY/1.1\r\n\r\n" + end, bad},
		"a length that is none":   {"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n" + end, bad},
		"a header without a name": {"GET / HTTP/1.1\r\nnothing\r\n\r\n" + end, bad},
		"a head that is cut off":  {"GET / HTTP/1.1\r\nHost:", ""},
		"a body that is cut off":  {"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc", ""},
	} {
		t.Run(name, func(t *testing.T) {
			connection, err := net.Dial("tcp", address)
			require.NoError(t, err)

			defer connection.Close()

			_, err = io.WriteString(connection, each.sent)
			require.NoError(t, err)
			require.NoError(t, connection.(*net.TCPConn).CloseWrite()) //nolint:forcetypeassert // was made so

			// What was sent behind the last request is not read, so that the end may come as a reset.
			all, _ := io.ReadAll(connection)
			require.Equal(t, each.expected, string(all))
		})
	}
}

// A side that closes each connection has a null operation that does so, too.
func TestHTTPClosesAsTheSideDoes(t *testing.T) {
	address := listening(t, listenerConfiguration{
		Protocol: "http", Status: 200, Headers: map[string][]string{"connection": {"close"}},
	})

	connection, err := net.Dial("tcp", address)
	require.NoError(t, err)

	defer connection.Close()

	_, err = io.WriteString(connection, "GET / HTTP/1.1\r\n\r\n")
	require.NoError(t, err)

	all, err := io.ReadAll(connection)
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", string(all))
}

// BenchmarkAnswers tells what a question and its answer take by each protocol, with clients that write and then read, and nothing
// else; "net/http" is the same answer by Go's own server.
func BenchmarkAnswers(b *testing.B) {
	const asked = "POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: k6\r\nContent-Type: application/json\r\n" +
		"Content-Length: 14\r\n\r\n[35,2013,1,22]"

	part := func(value byte) []byte { return []byte{0, 0, 0, value} }
	prepared := inMessages(
		&pgproto3.Bind{
			PreparedStatement: "s", ParameterFormatCodes: []int16{pgtype.BinaryFormatCode},
			Parameters: [][]byte{part(35), part(13), part(1), part(22)}, ResultFormatCodes: []int16{pgtype.BinaryFormatCode},
		},
		&pgproto3.Execute{}, &pgproto3.Sync{},
	)

	ways := []struct {
		name, question string
		// serve answers, and begin is what a client does before.
		serve func(net.Listener) error
		begin func(net.Conn) error
	}{
		{"sql", prepared, func(on net.Listener) error { return serveOn(on, constant("sql")) }, beginPostgres},
		{"http", asked, func(on net.Listener) error { return serveOn(on, constant("http")) }, nil},
		{"net/http", asked, func(on net.Listener) error {
			return http.Serve(on, http.HandlerFunc(func(to http.ResponseWriter, question *http.Request) { //nolint:gosec // loopback
				_, _ = io.Copy(io.Discard, question.Body)
				to.Header().Set("Content-Type", "application/json")
				_, _ = to.Write(inJSON)
			}))
		}, nil},
	}

	for _, clients := range []int{1, 20} {
		for _, way := range ways {
			b.Run(fmt.Sprintf("%s/%d", way.name, clients), func(b *testing.B) {
				listener, err := net.Listen("tcp", "127.0.0.1:0")
				require.NoError(b, err)

				defer listener.Close()

				go func() { _ = way.serve(listener) }()

				made := make([]net.Conn, clients)
				for i := range made {
					made[i], err = net.Dial("tcp", listener.Addr().String())
					require.NoError(b, err)

					defer made[i].Close()

					if way.begin != nil {
						require.NoError(b, way.begin(made[i]))
					}
				}

				next := make(chan net.Conn, clients)
				for _, one := range made {
					next <- one
				}

				b.SetParallelism(clients)
				b.ResetTimer()
				b.RunParallel(func(turn *testing.PB) {
					room := make([]byte, 4096)

					one := <-next
					defer func() { next <- one }()

					for turn.Next() {
						_, _ = io.WriteString(one, way.question)
						if _, err := one.Read(room); err != nil {
							b.Error(err)

							return
						}
					}
				})
			})
		}
	}
}

// beginPostgres starts a session and prepares a statement.
func beginPostgres(connection net.Conn) error {
	begin := inMessages(
		&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersionNumber, Parameters: map[string]string{"user": "me"}},
		&pgproto3.Parse{Name: "s", Query: "SELECT 1"}, &pgproto3.Sync{},
	)
	if _, err := io.WriteString(connection, begin); err != nil {
		return err
	}

	from := pgproto3.NewFrontend(connection, connection)
	for left := 2; left > 0; { // it is ready twice: for all, and after the statement
		message, err := from.Receive()
		if err != nil {
			return err
		}

		if _, isReady := message.(*pgproto3.ReadyForQuery); isReady {
			left--
		}
	}

	return nil
}

func inMessages(messages ...pgproto3.FrontendMessage) string {
	var written []byte
	for _, one := range messages {
		written, _ = one.Encode(written) // fails only where one is too long
	}

	return string(written)
}
