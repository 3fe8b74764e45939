package pgxdriver_test

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// promise is a row of the README's table of what comes from Postgres.
type promise struct {
	// row is its first column.
	row string
	// types are its names in pg_catalog; empty: all that no other row has.
	types []string
	// asked gives the text that `read` makes the value of, as an expression of `v`.
	asked string
	read  func(text string) (any, error)
}

const isoYear = `CASE WHEN y BETWEEN 0 AND 9999 THEN lpad(y::text, 4, '0')
	ELSE CASE WHEN y < 0 THEN '-' ELSE '+' END || lpad(abs(y)::text, 6, '0') END`

// isoTime writes a timestamp without a zone by Postgres' own functions.
const isoTime = `(SELECT CASE WHEN NOT isfinite(u) THEN u::text ELSE ` + isoYear + ` || to_char(u, '-MM-DD"T"HH24:MI:SS') ||
	rtrim(rtrim(to_char(u, '.US'), '0'), '.') || %s END
	FROM (SELECT u, extract(year FROM u)::int + CASE WHEN extract(year FROM u) < 0 THEN 1 ELSE 0 END AS y FROM (SELECT %s AS u) a) b)`

var promises = []promise{ //nolint:gochecknoglobals // immutable
	{"smallint, integer, oid, double precision", []string{"int2", "int4", "oid", "float8"}, "v::text", number},
	{"real", []string{"float4"}, "v::float8::text", number},
	{"bigint", []string{"int8"}, "v::text", func(text string) (any, error) {
		whole, err := strconv.ParseInt(text, 10, 64)
		if err != nil || whole > 1<<53-1 || whole < -(1<<53-1) {
			return text, err
		}

		return float64(whole), nil
	}},
	{"numeric", []string{"numeric"}, "v::text", func(text string) (any, error) {
		double, err := strconv.ParseFloat(text, 64)
		if err != nil || text == "NaN" || strings.HasSuffix(text, "Infinity") {
			return double, err
		}

		exact, _ := new(big.Rat).SetString(text)
		if exact.Cmp(new(big.Rat).SetFloat64(double)) != 0 {
			return text, nil
		}

		return double, nil
	}},
	{"boolean", []string{"bool"}, "v::text", func(text string) (any, error) { return text == "true", nil }},
	{"bytea", []string{"bytea"}, "encode(v, 'hex')", func(text string) (any, error) {
		bytes, err := hex.DecodeString(text)
		indexed := make([]any, len(bytes))

		for i, each := range bytes {
			indexed[i] = float64(each)
		}

		return indexed, err
	}},
	{"timestamptz", []string{"timestamptz"}, fmt.Sprintf(isoTime, "'Z'", "v AT TIME ZONE 'UTC'"), asItIs},
	{"timestamp", []string{"timestamp"}, fmt.Sprintf(isoTime, "''", "v"), asItIs},
	{"all else (text, json, uuid, date, enums, ranges, composites …)", nil, "(SELECT format('%s', v) FROM set_config('TimeZone', 'UTC', true))", asItIs},
}

// alsoInTheTable are rows that hold for all types.
var alsoInTheTable = []string{ //nolint:gochecknoglobals // immutable
	"NaN, ±Infinity", "NULL", "array, int2vector, oidvector; of domains, too", "domain",
}

func number(text string) (any, error) { return strconv.ParseFloat(text, 64) }
func asItIs(text string) (any, error) { return text, nil }

func promiseFor(one catalogued) promise {
	for _, each := range promises {
		for _, name := range each.types {
			if one.plain == name {
				return each
			}
		}
	}

	return promises[len(promises)-1]
}

func (s sampler) scalars(t *testing.T, one catalogued) (made []sample) {
	t.Helper()

	promised := promiseFor(s.scalarOf(one))

	for _, expression := range s.expressionsOf(t, one) {
		rows, err := s.server.ask("SELECT " + promised.asked + " FROM (SELECT " + expression + " AS v OFFSET 0) AS of") // made before it is written
		require.NoError(t, err, expression)

		expected, err := promised.read(rows[0][0])
		require.NoError(t, err, expression)

		made = append(made, sample{expression, expected})
	}

	return made
}

// What the generated test asserts is what the README says, row by row.
func TestTheReadmeHasTheRowsThatAreTested(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)

	_, table, found := strings.Cut(string(readme), "| from Postgres ")
	require.True(t, found)

	table, _, _ = strings.Cut(table, "\n\n")

	var rows []string
	for _, line := range strings.Split(table, "\n")[2:] {
		rows = append(rows, strings.TrimSpace(strings.Split(line, "|")[1]))
	}

	expected := alsoInTheTable
	for _, each := range promises {
		expected = append(expected, each.row)
	}

	require.ElementsMatch(t, expected, rows)
}
