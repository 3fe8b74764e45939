package pgxdriver_test

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// kindOf is what a script sees of the error that some code throws.
const kindOf = `(code => { try { code(); return 'none' } catch (error) { return error.kind } })`

// silent accepts connections and says nothing.
func silent(t *testing.T) string {
	t.Helper()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })

	return listener.Addr().String()
}

func TestAServerThatAcceptsAndStaysSilent(t *testing.T) {
	s := newScript(t, address(t, "", silent(t))+"&connect_timeout=1")
	began := time.Now()

	require.Equal(t, "time-out", s.run(t, kindOf+`(() => db.query('SELECT 1'))`))
	require.Less(t, time.Since(began), 8*time.Second)
}

func TestAQueryThatTakesTooLong(t *testing.T) {
	for _, mode := range []string{"simple", "extended", "prepared"} {
		t.Run(mode, func(t *testing.T) {
			s := newScript(t, address(t, mode, "")+"&query_timeout=1")
			began := time.Now()

			require.Equal(t, "time-out", s.run(t, kindOf+`(() => db.query('SELECT pg_sleep(60)'))`))
			require.Less(t, time.Since(began), 30*time.Second)
			requireJSON(t, `[{"n":1}]`, s.json(t, `db.query('SELECT 1 AS n')`))
		})
	}
}

func TestAQueryTimeoutThatIsNone(t *testing.T) {
	for _, wrong := range []string{"0", "-1", "soon", "1.5"} {
		_, err := newScriptWith(t, address(t, "", "")+"&query_timeout="+wrong, ``).try(`sql.open(driver, connection)`)
		require.ErrorContains(t, err, `query_timeout in the connection string is "`+wrong+`"; expected a whole number of seconds`)
	}
}
