package request_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
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
	"go.k6.io/k6/js/modulestest"
	"go.k6.io/k6/lib"

	"inference-gap/extension-sql/request"
)

// user is a virtual user with `service`, opened with the given options.
func user(t *testing.T, address, options string) *modulestest.Runtime {
	t.Helper()

	return userIn(t, &lib.State{}, address, options)
}

// userIn is one whose test runs with the given state.
func userIn(t *testing.T, state *lib.State, address, options string) *modulestest.Runtime {
	t.Helper()

	runtime := modulestest.NewRuntime(t)
	for name, value := range map[string]any{
		"request": request.New().NewModuleInstance(runtime.VU).Exports().Default,
		"address": address,
	} {
		require.NoError(t, runtime.VU.RuntimeField.Set(name, value))
	}

	runtime.MoveToVUContext(state)

	run(t, runtime, `let opened = 0; const service = request.open(address, `+options+`)`)
	t.Cleanup(func() { run(t, runtime, `service.close()`) })

	return runtime
}

func run(t *testing.T, on *modulestest.Runtime, code string) any {
	t.Helper()

	value, err := on.VU.RuntimeField.RunString(code)
	require.NoError(t, err, code)

	return value.Export()
}

const counted = `{ opened: () => { opened++ }, label: 'x-worker' }`

// served is a service that answers with the body that it was sent.
func served(t *testing.T, answer http.HandlerFunc) *httptest.Server {
	t.Helper()

	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)

	return server
}

func echo(to http.ResponseWriter, question *http.Request) {
	body, _ := io.ReadAll(question.Body)
	_, _ = to.Write(body)
}

// scripted is a server that answers each connection's requests with the given bytes, one after the other, then closes.
func scripted(t *testing.T, answers ...string) string {
	t.Helper()

	return scriptedUntil(t, func(*net.TCPConn) {}, answers...)
}

// scriptedUntil does something before it closes.
func scriptedUntil(t *testing.T, end func(*net.TCPConn), answers ...string) string {
	t.Helper()

	address, _ := scriptedTelling(t, end, answers...)

	return address
}

// scriptedTelling tells of each connection that it has closed, too.
func scriptedTelling(t *testing.T, end func(*net.TCPConn), answers ...string) (string, <-chan struct{}) {
	t.Helper()

	closed := make(chan struct{}, 1000)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })

	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}

			go func() {
				defer func() {
					_ = conn.Close()

					closed <- struct{}{}
				}()

				reader := bufio.NewReader(conn)

				for _, answer := range answers {
					request, err := http.ReadRequest(reader)
					if err != nil {
						return
					}

					_, _ = io.Copy(io.Discard, request.Body)
					_, _ = conn.Write([]byte(answer))
				}

				end(conn.(*net.TCPConn)) //nolint:forcetypeassert // the listener is TCP's
			}()
		}
	}()

	return "http://" + listener.Addr().String() + "/", closed
}

func TestWhatIsSent(t *testing.T) {
	questions, bodies := make(chan *http.Request, 1), make(chan string, 1)
	server := served(t, func(to http.ResponseWriter, question *http.Request) {
		body, _ := io.ReadAll(question.Body)
		questions <- question

		bodies <- string(body)

		_, _ = to.Write([]byte(`[1]`))
	})
	ask := func(u *modulestest.Runtime, body string) (*http.Request, string) {
		run(t, u, `service.send(`+body+`)`)

		return <-questions, <-bodies
	}
	address := strings.Replace(server.URL, "http://", "http://user:p%40ss@", 1) + "/a%20b/?q=1"
	u := user(t, address, `{ headers: { 'X-One': 'two\r\nX-Evil: 1', 'content-type': 'text/plain' } }`)

	seen, body := ask(u, `'[1,"ü"]'`)
	require.Equal(t, http.MethodPost, seen.Method)
	require.Equal(t, "/a%20b/?q=1", seen.RequestURI)
	require.Equal(t, "HTTP/1.1", seen.Proto)
	require.Equal(t, strings.TrimPrefix(server.URL, "http://"), seen.Host)
	require.Equal(t, "two  X-Evil: 1", seen.Header.Get("X-One"))
	require.Empty(t, seen.Header.Get("X-Evil"))
	require.Equal(t, "text/plain", seen.Header.Get("Content-Type"))
	require.Equal(t, `[1,"ü"]`, body)
	require.EqualValues(t, len(body), seen.ContentLength)

	name, password, _ := seen.BasicAuth()
	require.Equal(t, "user p@ss", name+" "+password)

	_, body = ask(u, `new Uint8Array([1, 2, 255]).buffer`)
	require.Equal(t, "\x01\x02\xff", body)
	_, body = ask(u, `''`)
	require.Empty(t, body)
	_, body = ask(u, `'x'.repeat(3000000)`)
	require.Len(t, body, 3000000)
}

func TestAnswersAreWhatJSONParseMakesOfThem(t *testing.T) {
	u := user(t, served(t, echo).URL, `{}`)

	for _, body := range []string{
		`[14.25]`, `[1.0]`, ` [ -0.1e-3 ] `, `[]`, `[1,2]`, `null`, `true`, `"text"`, `{"a":[1,{"b":null}]}`, `12345678901`, `[0.10000000149011612]`,
	} {
		same, err := u.VU.RuntimeField.RunString(`JSON.stringify(service.send(` + quoted(body) + `)) === JSON.stringify(JSON.parse(` + quoted(body) + `))`)
		require.NoError(t, err, body)
		require.True(t, same.ToBoolean(), body)
	}

	require.Equal(t, true, run(t, u, `Array.isArray(service.send('[1.5]')) && typeof service.send('[1.5]')[0] === 'number'`))

	for _, body := range []string{``, `[1`, `[NaN]`, `[1] 2`, `<html>`} {
		_, err := u.VU.RuntimeField.RunString(`service.send(` + quoted(body) + `)`)
		require.ErrorContains(t, err, "SyntaxError", body)
		require.ErrorContains(t, err, body)
	}

	require.Equal(t, true, run(t, u, `try { service.send('<html>') } catch (error) { error instanceof SyntaxError }`))
}

func TestAnswersAsBytes(t *testing.T) {
	u := user(t, served(t, echo).URL, `{ answer: 'bytes' }`)

	require.Equal(t, "1,2", run(t, u, `
		const first = service.send(new Uint8Array([1, 2]).buffer)
		service.send(new Uint8Array([3, 4]).buffer)
		new Uint8Array(first).join()`), "an answer does not change with the next")
}

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

func TestForms(t *testing.T) {
	for name, answer := range map[string]string{
		"length":            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]",
		"chunks":            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n2\r\n1]\r\n0\r\n\r\n",
		"interim answers":   "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]",
		"names in any case": "HTTP/1.1 200 \r\ncontent-LENGTH: 3\r\nx-WORKER: 7\r\n\r\n[1]",
	} {
		u := user(t, scripted(t, answer, answer, answer), counted)
		for range 3 {
			require.Equal(t, "[1]", run(t, u, `JSON.stringify(service.send('[2]'))`), name)
		}

		require.EqualValues(t, 1, run(t, u, `opened`), name)
	}
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

func TestErrors(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())

	unknown := httptest.NewTLSServer(http.HandlerFunc(echo))
	t.Cleanup(unknown.Close)

	long := strings.Repeat("x", 1000)

	for name, one := range map[string]struct{ address, expected, kind string }{
		"nobody there": {"http://" + closed.Addr().String(), "connection refused", "ECONNREFUSED"},
		"status":       {scripted(t, "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"), "HTTP 503: busy", "HTTP 503"},
		"redirection": {
			scripted(t, "HTTP/1.1 307 Elsewhere\r\nLocation: https://u:secret@h/x?token=secret#y\r\nContent-Length: 0\r\n\r\n"),
			"HTTP 307: redirected to https://h/x?…, which is not followed", "HTTP 307",
		},
		"redirection to nowhere": {
			scripted(t, "HTTP/1.1 302 Elsewhere\r\nContent-Length: 5\r\n\r\nlogin"), "HTTP 302: login", "HTTP 302",
		},
		"long body": {
			scripted(t, "HTTP/1.1 500 No\r\nContent-Length: 1000\r\n\r\n"+long), "HTTP 500: " + long[:200] + "…", "HTTP 500",
		},
		"no JSON": {
			scripted(t, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhey!"), "SyntaxError: invalid character 'h'", "not JSON",
		},
		"no HTTP":             {scripted(t, "hello\r\n\r\n"), "is no HTTP answer: malformed HTTP response", "malformed HTTP"},
		"another protocol":    {scripted(t, "HTTP/1.1 101 Switching Protocols\r\n\r\n"), "HTTP 101", "HTTP 101"},
		"closed":              {scripted(t, ""), "broke before the answer was complete: unexpected EOF", "connection closed"},
		"closed in the head":  {scripted(t, "HTTP/1.1 200 OK\r\nContent-"), "broke before the answer was complete", "connection closed"},
		"closed in the body":  {scripted(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1"), "broke before the answer was complete", "connection closed"},
		"closed in a chunk":   {scripted(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1"), "broke before the answer was complete", "connection closed"},
		"reset":               {scriptedUntil(t, func(conn *net.TCPConn) { _ = conn.SetLinger(0) }, ""), "connection reset", "ECONNRESET"},
		"TLS to who has none": {strings.Replace(served(t, echo).URL, "http:", "https:", 1), "tls: ", "TLS not spoken"},
		"certificate unknown": {unknown.URL, "certificate signed by unknown authority", "TLS unknown authority"},
	} {
		u := user(t, one.address, counted)
		for range 2 { // and again on a connection of its own
			said, isText := run(t, u, `try { service.send('[1]') } catch (error) { error.kind + ': ' + error }`).(string)
			require.True(t, isText, name)
			require.Contains(t, said, one.expected, name)
			require.True(t, strings.HasPrefix(said, one.kind+": "), "%s: %s", name, said)
			require.NotContains(t, said, "secret", name)
			time.Sleep(50 * time.Millisecond) // the server closes; longer than restBeforeLook
		}
	}
}

// Services are known to repeat what they were sent when it does not fit: "Cannot POST /predict?token=…".
func TestASecretThatTheServiceRepeatsIsCovered(t *testing.T) {
	for status, kind := range map[int]string{http.StatusNotFound: "HTTP 404", http.StatusOK: "not JSON"} {
		server := served(t, func(to http.ResponseWriter, question *http.Request) {
			_, password, _ := question.BasicAuth()

			to.WriteHeader(status)
			_, _ = fmt.Fprintf(to, "Cannot POST %s for %s, %s", question.RequestURI, password, question.Header.Get("Authorization"))
		})
		u := user(t, strings.Replace(server.URL, "//", "//me:p%40ss@", 1)+"/predict?token=canary", counted)

		said, isText := run(t, u, `try { service.send('[1]') } catch (error) { error.kind + ' ' + error.message }`).(string)
		require.True(t, isText)
		require.Contains(t, said, kind)
		require.Contains(t, said, "Cannot POST /…?… for …, ")

		for _, secret := range []string{"canary", "p@ss", "p%40ss", base64.StdEncoding.EncodeToString([]byte("me:p@ss"))} {
			require.NotContains(t, said, secret)
		}

		// Nor does a script that tells of a body itself.
		own := run(t, u, `service.covered('got token=canary for p@ss, p%40ss and 7')`)
		require.Equal(t, "got … for …, … and 7", own)
	}
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

func TestItsTimeEnds(t *testing.T) {
	hold := make(chan struct{})
	server := served(t, func(http.ResponseWriter, *http.Request) { <-hold })
	t.Cleanup(func() { close(hold) })

	u := user(t, server.URL, `{ timeout: '100ms' }`)

	began := time.Now()
	_, err := u.VU.RuntimeField.RunString(`service.send('[1]')`)
	require.ErrorContains(t, err, "no whole answer within 100ms")
	require.Equal(t, "time-out", run(t, u, `try { service.send('[1]') } catch (error) { error.kind }`))
	require.GreaterOrEqual(t, time.Since(began), 90*time.Millisecond)
	require.Less(t, time.Since(began), time.Minute)
}

func TestTheEndOfAVirtualUserEndsItsRequest(t *testing.T) {
	var isHeld atomic.Bool

	hold := make(chan struct{})
	server := served(t, func(to http.ResponseWriter, question *http.Request) {
		if isHeld.Load() {
			<-hold
		}

		echo(to, question)
	})
	t.Cleanup(func() { close(hold) })

	u := user(t, server.URL, counted)

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	u.VU.CtxField = ctx

	// So many that the thread blocks while it waits.
	run(t, u, `for (let i = 0; i < 100; i++) service.send('[1]')`)
	isHeld.Store(true)
	time.AfterFunc(100*time.Millisecond, cancel)

	began := time.Now()

	for range 2 {
		_, err := u.VU.RuntimeField.RunString(`service.send('[1]')`)
		require.ErrorContains(t, err, "context canceled")
	}

	require.Less(t, time.Since(began), time.Minute)

	u.VU.CtxField = context.Background()

	isHeld.Store(false)
	run(t, u, `service.send('[1]')`)
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

func TestRefusals(t *testing.T) {
	runtime := modulestest.NewRuntime(t)
	require.NoError(t, runtime.VU.RuntimeField.Set("request", request.New().NewModuleInstance(runtime.VU).Exports().Default))

	for code, expected := range map[string]string{
		`request.open()`:                                                    "the url does not fit; expected one as http://127.0.0.1:8000/",
		`request.open('ftp://secret@host')`:                                 "the url does not fit",
		`request.open('http://')`:                                           "the url does not fit",
		`request.open('http://host', { answer: 'xml' })`:                    "answer is xml; expected 'json' or 'text' or 'bytes'",
		`request.open('http://host', { timeout: '-1s' })`:                   "timeout is -1s; expected a duration above 0",
		`request.open('http://host', { timeout: 'soon' })`:                  "timeout is soon; expected a duration",
		`request.open('http://host', { opened: 1 })`:                        "opened is 1; expected a function",
		`request.open('http://host', { headers: { 'content-length': 1 } })`: "headers: content-length is written by the client itself",
		`request.open('http://host', { wait: 'alone' })`:                    "wait is alone; expected 'polled' or 'grouped'",
		`request.open('http://host', { header: {} })`:                       `there is no option "header"; expected method, headers, answer`,
		`request.open('http://host', { method: 'TRACE' })`:                  "method is TRACE; expected one of GET, POST, PUT, PATCH, DELETE",
		`request.open('http://host', { statuses: [200, 99] })`:              "expected an array of status codes from 200 to 599",
		`request.open('http://host', { statuses: [] })`:                     "expected an array of status codes",
		`request.requestSets('some')`:                                       "expected a name and a function",
		`request.requestSets('some', () => 1)`:                              "expected an array of { path, body }",
		`request.requestSets('some', () => [1])`:                            "'some'[0] is 1; expected { path, body }",
		`request.requestSets('some', () => [{ body: 1 }])`:                  "'some'[0]: the body is 1; expected a string or an ArrayBuffer",
		`request.requestSets('some', () => [{ path: 1 }])`:                  "'some'[0]: the path is 1; expected a string",
		`request.open('http://host', { label: undefined }).send('')`:        "not in the init context",
		`request.open('http://u:1/secret@host')`:                            "the url does not fit",
		`request.open('http://u:1?secret@host')`:                            "the url does not fit",
		`request.open('http://u:1#secret@host')`:                            "the url does not fit",
		`request.open('http://u:secret%zz@host')`:                           "the url does not fit",
		`request.open('https://host', { ca: '/nowhere/ca.pem' })`:           "ca: open /nowhere/ca.pem: no such file",
	} {
		_, err := runtime.VU.RuntimeField.RunString(code)
		require.ErrorContains(t, err, expected, code)
		require.ErrorContains(t, err, "TypeError", code)
		require.NotContains(t, err.Error(), "secret")
	}

	runtime.MoveToVUContext(&lib.State{})

	for _, body := range []string{`1`, `[1]`, `{}`} {
		_, err := runtime.VU.RuntimeField.RunString(`request.open('http://host').send(` + body + `)`)
		require.ErrorContains(t, err, "expected a string or an ArrayBuffer", body)
	}
}

func quoted(text string) string {
	made, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}

	return string(made)
}

func BenchmarkPost(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(echo))
	defer server.Close()

	runtime := modulestest.NewRuntime(b)
	runtime.MoveToVUContext(&lib.State{})
	_ = runtime.VU.RuntimeField.Set("request", request.New().NewModuleInstance(runtime.VU).Exports().Default)
	_ = runtime.VU.RuntimeField.Set("address", server.URL)
	_ = runtime.VU.RuntimeField.Set("count", b.N)

	if _, err := runtime.VU.RuntimeField.RunString(
		`const service = request.open(address); for (let i = 0; i < count; i++) service.send('[1]')`,
	); err != nil {
		b.Fatal(err)
	}
}
