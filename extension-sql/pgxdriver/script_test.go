package pgxdriver_test

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/grafana/sobek"
	"github.com/stretchr/testify/require"
	"go.k6.io/k6/ext"
	"go.k6.io/k6/js/modules"
	"go.k6.io/k6/js/modulestest"

	_ "inference-gap/extension-sql/pgxdriver"
	"inference-gap/extension-sql/sqlmodule"
)

func TestMain(m *testing.M) {
	if os.Getenv("POSTGRES_URL") == "" {
		_, _ = os.Stderr.WriteString("POSTGRES_URL is not set: these tests need a real Postgres; " +
			"`npm test` starts one, or give postgres://user:password@127.0.0.1:port/database\n")
		os.Exit(1)
	}

	os.Exit(m.Run())
}

// address is the test server's URL with a query mode, by way of `host` where one is given.
func address(t *testing.T, mode, host string) string {
	t.Helper()

	parsed, err := url.Parse(os.Getenv("POSTGRES_URL"))
	require.NoError(t, err)

	if host != "" {
		parsed.Host = host
	}

	query := parsed.Query()
	if mode != "" {
		query.Set("query_mode", mode)
	}

	query.Set("sslmode", "disable")
	parsed.RawQuery = query.Encode()

	return parsed.String()
}

// script is a virtual user with `db`, one connection opened by our driver.
type script struct {
	*modulestest.Runtime
}

func newScript(t *testing.T, connection string) script {
	t.Helper()

	return newScriptWith(t, connection, `const db = sql.open(driver, connection, { max_open_conns: 1, max_idle_conns: 1 })`)
}

func newScriptWith(t *testing.T, connection, open string) script {
	t.Helper()

	runtime := modulestest.NewRuntime(t)
	extension, found := ext.Get(ext.JSExtension)["k6/x/sql/driver/pgx"]
	require.True(t, found)

	driver, isModule := extension.Module.(modules.Module)
	require.True(t, isModule)

	set := func(name string, value any) {
		require.NoError(t, runtime.VU.RuntimeField.Set(name, value))
	}
	set("sql", sqlmodule.New().NewModuleInstance(runtime.VU).Exports().Default)
	set("driver", driver.NewModuleInstance(runtime.VU).Exports().Default)
	set("connection", connection)

	made := script{runtime}
	made.run(t, open)
	t.Cleanup(func() { _, _ = made.try(`db.close()`) })

	return made
}

func (s script) try(code string) (sobek.Value, error) {
	return s.VU.RuntimeField.RunString(code)
}

func (s script) run(t *testing.T, code string) any {
	t.Helper()

	value, err := s.try(code)
	require.NoError(t, err)

	return value.Export()
}

// json is what JSON.stringify makes of the value, with bigint as "123n".
func (s script) json(t *testing.T, code string) string {
	t.Helper()

	text, isText := s.run(t, `JSON.stringify(`+code+`, (key, value) => typeof value === 'bigint' ? value + 'n' : value)`).(string)
	require.True(t, isText)

	return text
}

func inEachMode(t *testing.T, test func(t *testing.T, s script)) {
	t.Helper()

	for _, mode := range []string{"simple", "extended", "prepared"} {
		t.Run(mode, func(t *testing.T) {
			test(t, newScript(t, address(t, mode, "")))
		})
	}
}

// countingProxy passes everything on, counts the server's "ready for query", one for each round trip, and notes the
// types of the client's messages.
type countingProxy struct {
	address string
	ready   atomic.Int64
	// deaf keeps the server's answers from the client and breaks the connection in their place.
	deaf atomic.Bool

	mu    sync.Mutex
	conns []net.Conn
	sent  []byte
}

// taken returns the types of the messages that clients have sent since it was last asked.
func (p *countingProxy) taken() string {
	p.mu.Lock()
	defer p.mu.Unlock()

	sent := string(p.sent)
	p.sent = nil

	return sent
}

func newCountingProxy(t *testing.T) *countingProxy {
	t.Helper()

	parsed, err := url.Parse(os.Getenv("POSTGRES_URL"))
	require.NoError(t, err)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)

	proxy := &countingProxy{address: listener.Addr().String()}

	t.Cleanup(func() {
		_ = listener.Close()
		proxy.cut()
	})

	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}

			server, err := net.Dial("tcp", parsed.Host)
			if err != nil {
				_ = client.Close()

				return
			}

			proxy.mu.Lock()
			proxy.conns = append(proxy.conns, client, server)
			proxy.mu.Unlock()

			go func() { proxy.listen(server, client); _ = server.Close() }()
			go func() { proxy.passOn(client, server); _ = client.Close() }()
		}
	}()

	return proxy
}

// passOn reads the server's messages: a type byte, then a length that counts itself.
func (p *countingProxy) passOn(client io.Writer, server io.Reader) {
	header := make([]byte, 5)

	for {
		if _, err := io.ReadFull(server, header); err != nil {
			return
		}

		if p.deaf.Load() {
			return
		}

		if header[0] == 'Z' {
			p.ready.Add(1)
		}

		length := int64(binary.BigEndian.Uint32(header[1:]))
		if _, err := client.Write(header); err != nil {
			return
		}

		if _, err := io.CopyN(client, server, length-4); err != nil {
			return
		}
	}
}

// listen passes the client's messages on. The first, with which it introduces itself, has no type.
func (p *countingProxy) listen(server io.Writer, client io.Reader) {
	header := make([]byte, 5)

	for first := true; ; first = false {
		header = header[:4]
		if !first {
			header = header[:5]
		}

		if _, err := io.ReadFull(client, header); err != nil {
			return
		}

		if !first {
			p.mu.Lock()
			p.sent = append(p.sent, header[0])
			p.mu.Unlock()
		}

		length := int64(binary.BigEndian.Uint32(header[len(header)-4:]))
		if _, err := server.Write(header); err != nil {
			return
		}

		if _, err := io.CopyN(server, client, length-4); err != nil {
			return
		}
	}
}

// cut breaks every connection that goes through the proxy.
func (p *countingProxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()

	for _, each := range p.conns {
		_ = each.Close()
	}

	p.conns = nil
}

func requireJSON(t *testing.T, expected, actual string) {
	t.Helper()

	var a, b any

	require.NoError(t, json.Unmarshal([]byte(expected), &a))
	require.NoError(t, json.Unmarshal([]byte(actual), &b), actual)
	require.Equal(t, a, b, strings.TrimSpace(actual))
}
