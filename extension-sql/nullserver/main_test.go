package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"inference-gap/extension-sql/pgxdriver"
)

func listening(t *testing.T, configured listenerConfiguration) string {
	t.Helper()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })

	go func() { _ = serveOn(listener, configured) }()

	return listener.Addr().String()
}

// constant is what the server answers where nobody says what.
func constant(protocol string) listenerConfiguration {
	for _, one := range constants() {
		if one.Protocol == protocol {
			return one
		}
	}

	panic(protocol)
}

func configuration(t *testing.T, text string) listenerConfiguration {
	t.Helper()

	all, err := readConfiguration(strings.NewReader("[" + text + "]"))
	require.NoError(t, err)

	return all[0]
}

// inEachMode asks over one connection, as scenarios do, through the driver that they use.
func inEachMode(t *testing.T, configured listenerConfiguration, work func(t *testing.T, database *sql.DB)) {
	t.Helper()

	address := listening(t, configured)

	for _, mode := range []string{"simple", "extended", "prepared"} {
		t.Run(mode, func(t *testing.T) {
			database, err := sql.Open(pgxdriver.Name, fmt.Sprintf("postgres://me:secret@%s/x?query_mode=%s", address, mode))
			require.NoError(t, err)
			database.SetMaxOpenConns(1)

			for range 3 {
				work(t, database)
			}

			require.NoError(t, database.Close())
		})
	}
}

func TestPostgresAnswersOne(t *testing.T) {
	inEachMode(t, constant("sql"), func(t *testing.T, database *sql.DB) {
		t.Helper()

		var answer float64

		row := database.QueryRowContext(context.Background(),
			"SELECT 1::real AS prediction FROM (VALUES ($1::int, $2::int, $3::int, $4::int)) AS key LIMIT 1", 35, 2013, 1, 2)
		require.NoError(t, row.Scan(&answer))
		require.InDelta(t, 1, answer, 0)
	})
}

// More than nine parameters, and dollars that are none.
func TestPostgresCountsParameters(t *testing.T) {
	inEachMode(t, constant("sql"), func(t *testing.T, database *sql.DB) {
		t.Helper()

		var answer float64

		row := database.QueryRowContext(context.Background(),
			"SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '$12'", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
		require.NoError(t, row.Scan(&answer))
	})
}

// The types of the catalogue: text and an array of it, real and an array of it, and a domain over that array.
const catalogueOfTest = `[["25","0","0"," ",""],["1009","0","25",",",""],["700","0","0"," ",""],["1021","0","700",",",""],
	["90001","1021","0"," ",""]]`

// What a database answered once: two rows of every way in which the driver reads a value, and parameters of several types, an
// array among them, which in each mode are written by the types that the server says.
func TestPostgresGivesARealAnswer(t *testing.T) {
	configured := configuration(t, `{ "protocol": "sql", "parameters": [25, 1009, 700, 3802], "tag": "SELECT 2",
		"columns": [
			{ "name": "score", "oid": 701, "size": 8, "modifier": -1 },
			{ "name": "names", "oid": 1009, "size": -1, "modifier": -1 },
			{ "name": "vector", "oid": 90001, "size": -1, "modifier": -1 },
			{ "name": "count", "oid": 20, "size": 8, "modifier": -1 },
			{ "name": "is_good", "oid": 16, "size": 1, "modifier": -1 },
			{ "name": "raw", "oid": 17, "size": -1, "modifier": -1 },
			{ "name": "label", "oid": 25, "size": -1, "modifier": -1 },
			{ "name": "exact", "oid": 1700, "size": -1, "modifier": 0 }
		],
		"rows": [
			["MC4x", "e2EsImIgYyJ9", "ezEuNSwyfQ==", "OTAwNw==", "dA==", "XHgwMGZm", "w7w=", "MS4yNQ=="],
			[null, null, null, null, "Zg==", null, "", null]
		],
		"catalogue": `+catalogueOfTest+` }`)

	inEachMode(t, configured, func(t *testing.T, database *sql.DB) {
		t.Helper()

		rows, err := database.QueryContext(context.Background(), "SELECT $1, $2, $3, $4",
			"x", []any{"a", nil}, 1.5, map[string]any{"a": 1})
		require.NoError(t, err)

		names, err := rows.Columns()
		require.NoError(t, err)
		require.Equal(t, []string{"score", "names", "vector", "count", "is_good", "raw", "label", "exact"}, names)

		found := [][]any{}

		for rows.Next() {
			values := make([]any, len(names))
			into := make([]any, len(names))

			for i := range values {
				into[i] = &values[i]
			}

			require.NoError(t, rows.Scan(into...))

			found = append(found, values)
		}

		require.NoError(t, rows.Err())
		require.Len(t, found, 2)
		require.Equal(t, "[0.1 [a b c] [1.5 2] 9007 true [0 255] ü 1.25]", fmt.Sprint(found[0]))
		require.Equal(t, "[<nil> <nil> <nil> <nil> false <nil>  <nil>]", fmt.Sprint(found[1]))
	})
}

func TestAStatementWithoutAResult(t *testing.T) {
	inEachMode(t, configuration(t, `{ "protocol": "sql", "parameters": [23], "tag": "UPDATE 3", "catalogue": [] }`),
		func(t *testing.T, database *sql.DB) {
			t.Helper()

			result, err := database.ExecContext(context.Background(), "UPDATE t SET n = $1", 1)
			require.NoError(t, err)

			affected, err := result.RowsAffected()
			require.NoError(t, err)
			require.EqualValues(t, 3, affected)
		})
}

func TestWhatIsNoConfiguration(t *testing.T) {
	for text, expected := range map[string]string{
		"":                                       "standard input: EOF; expected a list of listeners as JSON",
		"{}":                                     "cannot unmarshal object",
		"[]":                                     "standard input: []; expected at least one listener",
		`[{ "protocol": "ftp" }]`:                `standard input: [0].protocol: "ftp"; expected "http" or "sql"`,
		`[{ "protocol": "http", "status": 99 }]`: "[0].status: 99; expected a status code from 200 to 599",
		`[{ "protocol": "sql", "rows": [[]] }, { "protocol": "sql", "rows": [["YQ=="]] }]`: "[1].rows[0]: has 1 values; expected one for each of the 0 columns",
		`[{ "protocol": "sql", "row": [] }]`:                                               `unknown field "row"`,
	} {
		_, err := readConfiguration(strings.NewReader(text))
		require.ErrorContains(t, err, expected, text)
	}
}
