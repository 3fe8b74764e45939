package failure_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/grafana/sobek"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"inference-gap/extension-sql/failure"
)

// dialed is the error of a real connection attempt.
func dialed(t *testing.T, address string, config *tls.Config) error {
	t.Helper()

	connection, err := net.DialTimeout("tcp", address, time.Minute)
	if err != nil || config == nil {
		return err
	}

	defer connection.Close()

	return tls.Client(connection, config).Handshake()
}

// deaf answers nothing and ends the connection as told.
func deaf(t *testing.T, end func(*net.TCPConn)) string {
	t.Helper()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })

	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}

			end(connection.(*net.TCPConn)) //nolint:forcetypeassert // of a TCP listener
		}
	}()

	return listener.Addr().String()
}

func read(t *testing.T, address string, deadline time.Duration) error {
	t.Helper()

	connection, err := net.Dial("tcp", address)
	require.NoError(t, err)

	defer connection.Close()

	require.NoError(t, connection.SetReadDeadline(time.Now().Add(deadline)))
	_, _ = connection.Write([]byte("hello"))
	_, err = connection.Read(make([]byte, 1))

	return err
}

func TestKindsOfRealFailures(t *testing.T) {
	secure := httptest.NewTLSServer(nil)
	defer secure.Close()

	plain := httptest.NewServer(nil)
	defer plain.Close()

	secureAt, plainAt := secure.Listener.Addr().String(), plain.Listener.Addr().String()

	trusting := &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	trusting.RootCAs.AddCert(secure.Certificate())

	elsewhere := trusting.Clone()
	elsewhere.ServerName = "elsewhere.test"

	later := trusting.Clone()
	later.Time = func() time.Time { return secure.Certificate().NotAfter.Add(time.Hour) }

	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())

	ended, cancel := context.WithCancel(context.Background())
	cancel()

	_, lookup := net.ResolveTCPAddr("tcp", "no-such-host.invalid:80")

	for kind, err := range map[string]error{
		"TLS unknown authority":           dialed(t, secureAt, &tls.Config{ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}),
		"TLS certificate of another host": dialed(t, secureAt, elsewhere),
		"TLS certificate expired":         dialed(t, secureAt, later),
		"TLS not spoken":                  dialed(t, plainAt, trusting),
		"ECONNREFUSED":                    dialed(t, free.Addr().String(), nil),
		"ECONNRESET": read(t, deaf(t, func(c *net.TCPConn) {
			_, _ = c.Read(make([]byte, 8))
			_ = c.SetLinger(0)
			_ = c.Close()
		}), time.Minute),
		"connection closed": read(t, deaf(t, func(c *net.TCPConn) {
			_, _ = c.Read(make([]byte, 8))
			_ = c.CloseWrite()
		}), time.Minute),
		"time-out":       read(t, deaf(t, func(*net.TCPConn) {}), time.Millisecond),
		"test ended":     ended.Err(),
		"SQLSTATE 53300": fmt.Errorf("connect: %w", errors.Join(syscall.ECONNREFUSED, &pgconn.PgError{Code: "53300"})),
		"SQLSTATE EPIPE": &pgconn.PgError{Code: "EPIPE"}, // RAISE takes any five letters
		"E2BIG":          os.NewSyscallError("execve", syscall.E2BIG),
		"EPIPE":          errors.Join(&pgconn.PgError{Code: "no"}, syscall.EPIPE),
		"EMFILE":         &net.OpError{Op: "dial", Err: os.NewSyscallError("socket", syscall.EMFILE)},
		"HTTP 302":       fmt.Errorf("asked: %w", failure.Named("HTTP 302", io.EOF)),
		"other":          errors.New("HTTP 500, SQLSTATE 53300, timeout"), // a text is not looked at
	} {
		require.Error(t, err, kind)
		require.Equal(t, kind, failure.KindOf(err), "%s", err)
	}

	require.Contains(t, []string{"no such host", "name look-up"}, failure.KindOf(lookup), "%s", lookup)
}

func TestScriptsSeeTheKind(t *testing.T) {
	runtime := sobek.New()
	require.NoError(t, runtime.Set("fail", func() { failure.Throw(runtime, fmt.Errorf("dial: %w", syscall.ECONNREFUSED)) }))

	seen, err := runtime.RunString(`try { fail() } catch (error) { [error.kind, error.message, error instanceof Error] }`)
	require.NoError(t, err)
	require.Equal(t, []any{"ECONNREFUSED", "dial: connection refused", true}, seen.Export())
}

func TestSecretsAreCovered(t *testing.T) {
	require.Equal(t, "no … for …", failure.Without([]string{"s3cret", "", "token"}, "no s3cret for token"))
}
