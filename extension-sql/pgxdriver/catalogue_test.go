package pgxdriver_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

// catalogued is a type that the server has; what is asked of it comes from its catalogue, so that one made later is tried, too.
type catalogued struct {
	name  string // quoted, with its schema
	plain string // neither
	oid   string
	// kind is pg_type's typtype: b, c, d, e, m, p, r.
	kind string
	// element is the OID of an array's, written in braces; else empty.
	element string
	// vector is the OID of the elements of a type like int2vector.
	vector string
	// base is a domain's.
	base string
	// isLimited: it is a domain of a type with a length.
	isLimited bool
	// subtype is a range's, and of a multirange the range.
	subtype string
	// attributes are the OIDs of a composite's.
	attributes []string
}

// madeTypes are of the kinds that users make; each has an array of its own as well.
const madeTypes = `DROP SCHEMA IF EXISTS gap_test_values CASCADE; CREATE SCHEMA gap_test_values;
	CREATE TYPE gap_test_values.mood AS ENUM ('ok', 'not "so", {ok}', 'NULL', 'a;b\c', '');
	CREATE DOMAIN gap_test_values.positive AS integer CHECK (VALUE > 0);
	CREATE DOMAIN gap_test_values.key AS bigint;
	CREATE DOMAIN gap_test_values.key_of_key AS gap_test_values.key;
	CREATE DOMAIN gap_test_values.feeling AS gap_test_values.mood;
	CREATE DOMAIN gap_test_values.document AS jsonb;
	CREATE DOMAIN gap_test_values.instant AS timestamptz;
	CREATE DOMAIN gap_test_values.integers AS integer[];
	CREATE DOMAIN gap_test_values.short AS varchar(3);
	CREATE DOMAIN gap_test_values.boxes AS box[];
	CREATE TYPE gap_test_values."Pair of, ""two""" AS (number bigint, word text, exact numeric, feelings gap_test_values.mood[]);
	CREATE TYPE gap_test_values.visit AS (word text, at timestamptz, "others" gap_test_values.instant[], during tstzmultirange, day timestamp);
	CREATE TYPE gap_test_values.visits AS RANGE (subtype = gap_test_values.visit);
	CREATE TYPE gap_test_values.journey AS (visits gap_test_values.visit[], between gap_test_values.visits);
	CREATE TYPE gap_test_values.span AS RANGE (subtype = double precision);
	CREATE TYPE gap_test_values.moods AS RANGE (subtype = gap_test_values.mood);
	CREATE TABLE gap_test_values.rows_of (number bigint, word text)`

// server is asked without the driver that is tested.
type server struct{ pg *pgconn.PgConn }

func newServer(t *testing.T) server {
	t.Helper()

	pg, err := pgconn.Connect(context.Background(), os.Getenv("POSTGRES_URL"))
	require.NoError(t, err)

	t.Cleanup(func() { _ = pg.Close(context.Background()) })

	one := server{pg}
	// What the README says of strings: as Postgres writes them by default.
	_, err = one.ask(`SET DateStyle = 'ISO, MDY'; SET IntervalStyle = postgres; SET extra_float_digits = 1; SET bytea_output = hex; ` +
		`SET lc_monetary = 'C'; SET TimeZone = 'Europe/Paris'`)
	require.NoError(t, err)

	return one
}

// ask gives the rows of the last statement, NULL as an empty text; an error is the server's.
func (s server) ask(text string) ([][]string, error) {
	results, err := s.pg.Exec(context.Background(), text).ReadAll()
	if err != nil || len(results) == 0 {
		return nil, err
	}

	var rows [][]string

	for _, row := range results[len(results)-1].Rows {
		var values []string
		for _, value := range row {
			values = append(values, string(value))
		}

		rows = append(rows, values)
	}

	return rows, nil
}

// outcome is the text of an expression, or the SQLSTATE of its error.
func (s server) outcome(expression string) string {
	rows, err := s.ask("SELECT v IS NULL, format('%s', v) FROM (SELECT " + expression + " AS v) AS of")

	var said *pgconn.PgError

	switch {
	case errors.As(err, &said):
		return said.Code
	case err != nil:
		return err.Error()
	case rows[0][0] == "t":
		return "NULL"
	default:
		return "text " + rows[0][1]
	}
}

// withMadeTypes makes them for a test.
func withMadeTypes(t *testing.T) server {
	t.Helper()

	one := newServer(t)
	_, err := one.ask(madeTypes)
	require.NoError(t, err)

	t.Cleanup(func() {
		after := newServer(t)
		_, err := after.ask("DROP SCHEMA gap_test_values CASCADE")
		require.NoError(t, err)
	})

	return one
}

// all types of the database, by OID. Of the tables' row types those that users made.
func (s server) types(t *testing.T) map[string]catalogued {
	t.Helper()

	rows, err := s.ask(`SELECT t.oid, format('%I.%I', n.nspname, t.typname), t.typtype,
		CASE WHEN t.typoutput = 'array_out'::regproc THEN t.typelem::text ELSE '' END,
		CASE WHEN t.typoutput IN ('int2vectorout'::regproc, 'oidvectorout'::regproc) THEN t.typelem::text ELSE '' END,
		CASE WHEN t.typtype = 'd' THEN t.typbasetype::text ELSE '' END,
		coalesce(r.rngsubtype, m.rngtypid)::text, t.typname, t.typtypmod,
		(SELECT string_agg(a.atttypid::text, ' ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0)
		FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
		LEFT JOIN pg_range r ON r.rngtypid = t.oid LEFT JOIN pg_range m ON m.rngmultitypid = t.oid
		LEFT JOIN pg_type e ON e.oid = t.typelem LEFT JOIN pg_class c ON c.oid IN (t.typrelid, e.typrelid)
		WHERE c.oid IS NULL OR n.nspname = 'gap_test_values' ORDER BY t.oid`)
	require.NoError(t, err)

	types := map[string]catalogued{}

	for _, row := range rows {
		types[row[0]] = catalogued{
			oid: row[0], name: row[1], kind: row[2], element: row[3], vector: row[4], base: row[5], subtype: row[6],
			plain: row[7], isLimited: row[8] != "-1", attributes: strings.Fields(row[9]),
		}
	}

	return types
}

func quoted(text string) string {
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// literals are tried for every type; a type that takes none of them needs another one here.
var literals = []string{ //nolint:gochecknoglobals // immutable
	"1", "0", "-7", "9007199254740991", "9007199254740993", "-9223372036854775808", "1.50", "0.1", "1e-300", "-0", "16777216", "NaN", "Infinity",
	"true", "f", "a", "", "it's", `b"c\d`, "NULL", "null", "{x", "é漢", `\x00ff41`, `\x5c`, "infinity", "-infinity",
	"1900-01-01", "2013-01-02 03:04:05.678901+02", "12345-02-03 04:05:06.5", "0044-03-15 12:00:00 BC", "2000-02-29", "04:05:06.789", "04:05:06+01:30",
	"1 year 2 mons -3 days 04:05:06.7", "$12.34", "-$1,234.50", "(1,2)", "{1,2,3}", "[(1,2),(3,4)]", "(3,4),(1,2)", "((1,2),(3,4),(5,6))", "<(1,2),3>",
	"127.0.0.1/8", "::1", "08:00:2b:01:02:03", "08:00:2b:01:02:03:04:05", "101", "11111111-2222-3333-4444-555555555555",
	`{"b": [1, null], "a": "x"}`, "[1, 2]", "<a>b</a>", "a & b", "'a':1 'b':2", "$.a[*]", "1 2 3", "10:20:10,14", "0/16B3748", "pg_class", "int4", "int4pl",
	"+(integer,integer)", "int4pl(integer,integer)", "=r/postgres", "simple", "pg_catalog", "empty", "{}", "01000", "en", "(0,1)", "postgres", "YES",
}

// sample is an expression of a type and the value that the README promises for it.
type sample struct {
	expression string
	expected   any
}

// mostSamples of a type are taken into the types made of it.
const mostSamples = 3

type sampler struct {
	server server
	types  map[string]catalogued
	made   map[string][]sample
	// delimiters between the elements of arrays, by the elements' OID.
	delimiters map[string]string
}

func (s server) delimiters(t *testing.T) map[string]string {
	t.Helper()

	rows, err := s.ask("SELECT oid, typdelim FROM pg_type")
	require.NoError(t, err)

	delimiters := map[string]string{}
	for _, row := range rows {
		delimiters[row[0]] = row[1]
	}

	return delimiters
}

// samples of a type, made of those of the types that it is made of.
func (s sampler) samples(t *testing.T, oid string) []sample {
	t.Helper()

	if made, found := s.made[oid]; found {
		return made
	}

	one := s.types[oid]

	var made []sample

	switch {
	case one.base != "" && s.scalarOf(one).element != "":
		for _, of := range s.samples(t, one.base) {
			made = append(made, sample{of.expression + "::" + one.name, of.expected})
		}
	case one.element != "":
		made = s.arrays(t, one)
	case one.vector != "":
		made = []sample{{"'1 2 3'::" + one.name, []any{1.0, 2.0, 3.0}}, {"''::" + one.name, []any{}}}
	default:
		made = s.scalars(t, one)
	}

	s.made[oid] = made

	return made
}

// scalarOf is what a domain is one of, maybe an array.
func (s sampler) scalarOf(one catalogued) catalogued {
	for one.base != "" {
		one = s.types[one.base]
	}

	return one
}

// arrays of a type: of one dimension, two, none, with NULL and with a lower bound of its own.
func (s sampler) arrays(t *testing.T, one catalogued) (made []sample) {
	t.Helper()

	made = append(made, sample{"'{}'::" + one.name, []any{}})
	elements := s.samples(t, one.element)

	var expressions []string

	expected := []any{}

	for _, element := range elements {
		expressions, expected = append(expressions, element.expression), append(expected, element.expected)
	}

	if len(expressions) == 0 {
		return made
	}

	array := "ARRAY[" + strings.Join(expressions, ",") + ",NULL]::" + one.name
	first := "ARRAY[" + expressions[0] + "]::" + one.name

	return append(made,
		sample{array, append(expected, nil)},
		sample{fmt.Sprintf("('[0:0]=' || (%s)::text)::%s", first, one.name), expected[:1:1]},
		sample{fmt.Sprintf("ARRAY[ARRAY[%s, NULL], ARRAY[NULL, %s]]::%s", expressions[0], expressions[0], one.name),
			[]any{[]any{expected[0], nil}, []any{nil, expected[0]}}},
	)
}

// owner of the types is a role that is there.
func (s sampler) owner(t *testing.T) string {
	t.Helper()

	rows, err := s.server.ask("SELECT current_user")
	require.NoError(t, err)

	return rows[0][0]
}

// expressionsOf a type that is neither array nor domain.
func (s sampler) expressionsOf(t *testing.T, one catalogued) (expressions []string) {
	t.Helper()

	for _, literal := range append(literals, "=r/"+s.owner(t)) {
		expression := quoted(literal) + "::" + one.name
		if _, err := s.server.ask("SELECT " + expression); err == nil {
			expressions = append(expressions, expression)
		}
	}

	switch {
	case one.kind == "e":
		rows, err := s.server.ask("SELECT enumlabel FROM pg_enum WHERE enumtypid = " + one.oid)
		require.NoError(t, err)

		for _, row := range rows {
			expressions = append(expressions, quoted(row[0])+"::"+one.name)
		}
	case one.kind == "r" || one.kind == "m":
		of := s.samples(t, one.subtype)
		expressions = append(expressions, fmt.Sprintf("%s(%s)", one.name, map[string]string{
			"r": "NULL," + of[0].expression, "m": of[0].expression,
		}[one.kind]))
	case len(one.attributes) > 0:
		var values []string

		for _, attribute := range one.attributes {
			of := s.samples(t, attribute)
			values = append(values, of[len(of)-1].expression)
		}

		expressions = append(expressions, "ROW("+strings.Join(values, ",")+")::"+one.name)
	}

	return expressions
}
