package request_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.k6.io/k6/js/modulestest"
	"go.k6.io/k6/lib"

	"inference-gap/extension-sql/request"
)

// said is what a request was, in its first line's words and its body.
func said(to http.ResponseWriter, question *http.Request) {
	body, _ := io.ReadAll(question.Body)

	length := "none"
	if values := question.Header["Content-Length"]; len(values) > 0 {
		length = values[0]
	}

	_, _ = io.WriteString(to, question.Method+" "+question.RequestURI+" "+length+" "+string(body))
}

func TestMethodsAndPaths(t *testing.T) {
	server := served(t, said)

	for _, one := range []struct{ address, options, call, expected string }{
		{"", `{ answer: 'text' }`, `send('[1]')`, "POST / 3 [1]"},
		{"/base", `{ answer: 'text' }`, `send('[1]')`, "POST /base 3 [1]"},
		{"/base/", `{ answer: 'text' }`, `send('x', '/a b/c')`, "POST /base/a%20b/c 1 x"},
		{"/base?token=1", `{ answer: 'text' }`, `send('x', 'a?b=2')`, "POST /base/a?token=1&b=2 1 x"},
		{"?token=1", `{ answer: 'text' }`, `send('x')`, "POST /?token=1 1 x"},
		{"", `{ answer: 'text', method: 'GET' }`, `send(undefined, 'users/7')`, "GET /users/7 none "},
		{"", `{ answer: 'text', method: 'PUT' }`, `send(null, 'users/7')`, "PUT /users/7 0 "},
		{"", `{ answer: 'text', method: 'DELETE' }`, `send('why', 'users/%2F')`, "DELETE /users/%2F 3 why"},
	} {
		runtime := user(t, server.URL+one.address, one.options)
		require.Equal(t, one.expected, run(t, runtime, `service.`+one.call), one.call)
		// The next request is framed as well: nothing of the one before is left over.
		require.Equal(t, one.expected, run(t, runtime, `service.`+one.call), one.call)
	}

	_, err := user(t, server.URL, `{}`).VU.RuntimeField.RunString(`service.send('x', 'http://elsewhere/')`)
	require.ErrorContains(t, err, "does not fit; expected one as predict/7")
}

func TestStatusesThatCountAsAnswers(t *testing.T) {
	server := served(t, func(to http.ResponseWriter, question *http.Request) {
		if question.URL.Path == "/missing" {
			to.WriteHeader(http.StatusNotFound)
		}

		_, _ = io.WriteString(to, `{"score":1}`)
	})

	runtime := user(t, server.URL, `{ statuses: [200, 404] }`)
	require.EqualValues(t, 2, run(t, runtime, `service.send('[1]').score + service.send('[1]', 'missing').score`))

	_, err := user(t, server.URL, `{}`).VU.RuntimeField.RunString(`service.send('[1]', 'missing')`)
	require.ErrorContains(t, err, "HTTP 404")
}

// Sets are kept once in a process: what a script does to its own values afterwards changes nothing, and a second user reads none.
func TestRequestSets(t *testing.T) {
	server := served(t, said)
	module := request.New()
	users := make([]*modulestest.Runtime, 2)

	for i := range users {
		users[i] = modulestest.NewRuntime(t)
		require.NoError(t, users[i].VU.RuntimeField.Set("request", module.NewModuleInstance(users[i].VU).Exports().Default))
		require.NoError(t, users[i].VU.RuntimeField.Set("address", server.URL))
	}

	run(t, users[0], `const bytes = new Uint8Array([65]); const all = [{ body: 'a', path: 'x' }, { path: 'y' }, { body: bytes.buffer }]
		const sets = request.requestSets('some', () => all); all[0].body = 'changed'; bytes[0] = 66`)
	run(t, users[1], `const sets = request.requestSets('some', () => { throw new Error('read again') })`)

	for _, one := range users {
		one.MoveToVUContext(&lib.State{})
		run(t, one, `const service = request.open(address, { answer: 'text' })`)
		require.Equal(t, "POST /x 1 a, POST /y 0 , POST / 1 A, POST /x 1 a",
			run(t, one, `[0, 1, 2, 0].map((index) => service.sendOf(sets, index)).join(', ')`))

		for code, expected := range map[string]string{
			`service.sendOf(sets, 3)`:   "index is 3; expected a whole number from 0 to 2",
			`service.sendOf(sets, 0.5)`: "index is 0.5",
			`service.sendOf({}, 0)`:     "expected what request.requestSets returned",
		} {
			_, err := one.VU.RuntimeField.RunString(code)
			require.ErrorContains(t, err, expected)
		}

		run(t, one, `service.close()`)
	}
}
