package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"inference-gap/extension-sql/pgxdriver"
)

func listening(t *testing.T) string {
	t.Helper()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })

	go func() { _ = servePostgres(listener) }()

	return listener.Addr().String()
}

// The question that scenarios ask, through the driver that they use, in each query mode and again on the same connection.
func TestPostgresAnswersOne(t *testing.T) {
	address := listening(t)

	for _, mode := range []string{"simple", "extended", "prepared"} {
		database, err := sql.Open(pgxdriver.Name, fmt.Sprintf("postgres://me:secret@%s/x?query_mode=%s", address, mode))
		require.NoError(t, err)
		database.SetMaxOpenConns(1)

		for range 3 {
			var answer float64

			row := database.QueryRowContext(context.Background(),
				"SELECT 1::real AS prediction FROM (VALUES ($1::int, $2::int, $3::int, $4::int)) AS key LIMIT 1", 35, 2013, 1, 2)
			require.NoError(t, row.Scan(&answer), mode)
			require.InDelta(t, 1, answer, 0, mode)
		}

		require.NoError(t, database.Close())
	}
}

func TestHTTPAnswersInTheFormOfTheQuestion(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(answerHTTP))
	defer server.Close()

	for form, expected := range map[string][]byte{"application/json": inJSON, "application/msgpack": inMessagePack} {
		answer, err := http.Post(server.URL, form, bytes.NewReader([]byte("[35,2013,1,2]"))) //nolint:noctx // a test
		require.NoError(t, err)

		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode)
		require.Equal(t, form, answer.Header.Get("Content-Type"))
		require.Equal(t, expected, body)
		require.False(t, answer.Close, "the connection must stay")
	}
}

func TestHighestParameter(t *testing.T) {
	for query, expected := range map[string]int{"": 0, "SELECT 1": 0, "$": 0, "$1, $2": 2, "$4 $1": 4} {
		require.Equal(t, expected, highestParameter(query), query)
	}
}
