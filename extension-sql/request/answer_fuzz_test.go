package request_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Whatever a service writes is an answer, or a failure that has a kind: no panic, and no end that does not come.
func FuzzAnAnswerOfAnyBytes(f *testing.F) {
	for _, seed := range []string{
		"", "\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]", "HTTP/1.0 200 OK\r\n\r\n[1]",
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n[1]", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n0\r\n\r\n", "HTTP/1.1 103 Early Hints\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n[1]", "HTTP/1.1 307 Elsewhere\r\nLocation: ::\r\n\r\n",
		"HTTP/1.1 99999999999 x\r\n\r\n", "HTTP/1.1 200 OK\r\nX-Worker: \x00\r\n\r\n",
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, bytes string) {
		u := user(t, scripted(t, bytes), `{ timeout: '2s', label: 'x-worker' }`)
		began := time.Now()
		said := run(t, u, `try { service.send('[1]'); 'an answer' } catch (error) { error.kind }`)
		require.NotContains(t, []any{nil, "", "other"}, said)
		require.Less(t, time.Since(began), time.Minute)
	})
}
