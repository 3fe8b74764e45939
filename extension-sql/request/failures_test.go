package request_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.k6.io/k6/js/modulestest"
	"go.k6.io/k6/lib"

	"inference-gap/extension-sql/request"
)

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

func TestAnAnswerWithoutEnd(t *testing.T) {
	endless := map[string]string{
		"head":            "HTTP/1.1 200 OK\r\nX-More: ",
		"body":            "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n",
		"interim answers": "",
	}

	for where, beginning := range endless {
		more := strings.Repeat("x", 1<<20)
		if beginning == "" {
			more = strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 1<<15)
		}

		u := user(t, scripted(t, beginning+strings.Repeat(more, 20)), counted)
		said := run(t, u, `try { service.send('[1]') } catch (error) { error.kind + ': ' + error.message }`)
		require.Contains(t, said, "answer too large: ", where)
		require.Contains(t, said, "more than 16 MB", where)
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
