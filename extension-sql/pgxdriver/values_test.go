package pgxdriver_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestResults(t *testing.T) {
	inEachMode(t, func(t *testing.T, s script) {
		for expression, expected := range map[string]string{
			"7::smallint":                                  `7`,
			"(-2147483648)::int":                           `-2147483648`,
			"9007199254740991::bigint":                     `9007199254740991`,
			"9007199254740993::bigint":                     `"9007199254740993"`,
			"(-9223372036854775808)::bigint":               `"-9223372036854775808"`,
			"0.1::real":                                    `0.10000000149011612`,
			"16777216::real":                               `16777216`,
			"0.1::double precision":                        `0.1`,
			"123456789012345678.123456789::numeric":        `"123456789012345678.123456789"`,
			"1.50::numeric":                                `1.5`,
			"0.1::numeric":                                 `"0.1"`,
			"-100000::numeric":                             `-100000`,
			"9007199254740993::numeric":                    `"9007199254740993"`,
			"9007199254740992.0::numeric":                  `9007199254740992`,
			"ARRAY[0.5, 0.1, NULL]::numeric[]":             `[0.5,"0.1",null]`,
			"ARRAY[9007199254740993, 1]::bigint[]":         `["9007199254740993",1]`,
			"true":                                         `true`,
			"NULL::int":                                    `null`,
			"'it''s'::text":                                `"it's"`,
			"'é漢'::text":                                   `"é漢"`,
			"'{\"a\": 1}'::jsonb":                          `"{\"a\": 1}"`,
			"'2013-01-02'::date":                           `"2013-01-02"`,
			"'2013-01-02 03:04:05.678901+02'::timestamptz": `"2013-01-02T01:04:05.678901Z"`,
			"'2013-01-02 03:04:05'::timestamp":             `"2013-01-02T03:04:05"`,
			"'infinity'::timestamptz":                      `"infinity"`,
			"ARRAY[1, NULL, 3]":                            `[1,null,3]`,
			"ARRAY[[1, 2], [3, 4]]":                        `[[1,2],[3,4]]`,
			"ARRAY[0.5, 1.5]::real[]":                      `[0.5,1.5]`,
			`ARRAY['a,b', 'c"d', 'e\f', 'NULL', NULL, '']`: `["a,b","c\"d","e\\f","NULL",null,""]`,
			"'{}'::int[]":                                  `[]`,
			"'[0:1]={5,6}'::int[]":                         `[5,6]`,
			"'11111111-2222-3333-4444-555555555555'::uuid": `"11111111-2222-3333-4444-555555555555"`,
		} {
			t.Run(expression, func(t *testing.T) {
				require.NoError(t, s.VU.RuntimeField.Set("text", "SELECT "+expression+" AS v"))
				requireJSON(t, expected, s.json(t, `db.query(text)[0].v`))
			})
		}

		require.Equal(t, "NaN,Infinity,-Infinity", s.run(t,
			`((r) => [r.a, r.b, r.c].join())(db.query("SELECT 'NaN'::real AS a, 'inf'::float8 AS b, '-inf'::real AS c")[0])`))
		require.Equal(t, "0,255", s.run(t, `[...db.query("SELECT '\\x00ff'::bytea AS v")[0].v].join()`))
		requireJSON(t, `[]`, s.json(t, `db.query('SELECT 1 AS n WHERE false')`))
	})
}

func TestParameters(t *testing.T) {
	inEachMode(t, func(t *testing.T, s script) {
		for name, check := range map[string]struct{ code, expected string }{
			"smallint":         {`db.query('SELECT $1::smallint AS v', -7)`, `-7`},
			"int":              {`db.query('SELECT $1::int AS v', 2147483647)`, `2147483647`},
			"number to bigint": {`db.query('SELECT $1::bigint AS v', 9007199254740991)`, `9007199254740991`},
			"number past 2^53": {`db.query('SELECT $1::bigint AS v', 1e18)`, `"1000000000000000000"`},
			"too big for real": {`db.query('SELECT $1::float8 AS v', 1e300)`, `1e300`},
			"bigint":           {`db.query('SELECT $1::bigint AS v', 9223372036854775807n)`, `"9223372036854775807"`},
			"whole real":       {`db.query('SELECT $1::real AS v', 3)`, `3`},
			"real":             {`db.query('SELECT $1::real AS v', 0.5)`, `0.5`},
			"double":           {`db.query('SELECT $1::float8 AS v', 0.1)`, `0.1`},
			"negative after -": {`db.query('SELECT 5 -$1::int AS v', -3)`, `8`},
			"numeric":          {`db.query('SELECT $1::numeric AS v', '12345678901234567890.123')`, `"12345678901234567890.123"`},
			"boolean":          {`db.query('SELECT $1::boolean AS v', true)`, `true`},
			"null":             {`db.query('SELECT $1::int AS v', null)`, `null`},
			"undefined":        {`db.query('SELECT $1::int AS v', undefined)`, `null`},
			"text":             {`db.query('SELECT $1::text AS v', "it's \\ $1 \"é\"")`, `"it's \\ $1 \"é\""`},
			"text to int":      {`db.query('SELECT $1::int AS v', '42')`, `42`},
			"date":             {`db.query('SELECT $1::timestamptz AS v', new Date('2013-01-02T03:04:05.678Z'))`, `"2013-01-02T03:04:05.678Z"`},
			"real[]":           {`db.query('SELECT $1::real[] AS v', [1, 2.5, null])`, `[1,2.5,null]`},
			"typed real[]":     {`db.query('SELECT $1::real[] AS v', new Float32Array([0.5, 0.1]))`, `[0.5,0.10000000149011612]`},
			"character 0":      {`(() => { try { db.query('SELECT $1::text', '\0') } catch (e) { return [{ v: /U\+0000|22021/.test(e.message) }] } })()`, `true`},
			"int[]":            {`db.query('SELECT $1::int[] AS v', [1, 2])`, `[1,2]`},
			"text[]":           {`db.query('SELECT $1::text[] AS v', ['a,b', '"', '\\', 'NULL', null])`, `["a,b","\"","\\","NULL",null]`},
			"nested":           {`db.query('SELECT $1::int[] AS v', [[1, 2], [3, 4]])`, `[[1,2],[3,4]]`},
			"empty":            {`db.query('SELECT $1::int[] AS v', [])`, `[]`},
			"json":             {`db.query("SELECT $1::jsonb ->> 'a' AS v", { a: 'b' })`, `"b"`},
			"bytes":            {`db.query("SELECT encode($1::bytea, 'hex') AS v", new Uint8Array([0, 255]))`, `"00ff"`},
			"buffer":           {`db.query("SELECT encode($1::bytea, 'hex') AS v", new Uint8Array([1, 2]).buffer)`, `"0102"`},
			"twice":            {`db.query('SELECT $2::int - $1::int * $1::int AS v', 2, 10)`, `6`},
			"in a string":      {`db.query("SELECT '$1' || $1::text AS v", 'x')`, `"$1x"`},
			"in a comment":     {"db.query('SELECT /* $2 /* $3 */ */ $1::int AS v -- $4\\n', 1)", `1`},
			"dollar quote":     {`db.query('SELECT $q$ $1 $q$ || $1::text AS v', 'x')`, `" $1 x"`},
		} {
			t.Run(name, func(t *testing.T) {
				requireJSON(t, check.expected, s.json(t, check.code+`[0].v`))
			})
		}

		require.Equal(t, "NaN,Infinity", s.run(t,
			`((r) => [r.a, r.b].join())(db.query('SELECT $1::real AS a, $2::float8 AS b', NaN, Infinity)[0])`))
		require.EqualValues(t, 3, s.run(t, `db.exec('CREATE TEMP TABLE t AS SELECT generate_series(1, $1::int) AS n', 3).rowsAffected()`))
	})
}

func TestWrongNumberOfParameters(t *testing.T) {
	s := newScript(t, address(t, "prepared", ""))
	_, err := s.try(`db.query('SELECT $1::int, $2::int', 1)`)
	require.ErrorContains(t, err, "the query has 2 parameters, 1 values were given")

	simple := newScript(t, address(t, "simple", ""))
	_, err = simple.try(`db.query('SELECT $1::int, $2::int', 1)`)
	require.ErrorContains(t, err, "the query names $2, 1 values were given")
}

func TestValueThatCannotBeSent(t *testing.T) {
	s := newScript(t, address(t, "prepared", ""))
	_, err := s.try(`db.query('SELECT $1::text', () => 1)`)
	require.ErrorContains(t, err, "parameter $1: a value of type")
}
