package request_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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
