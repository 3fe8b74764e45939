package sqlmodule_test

import (
	"testing"

	"github.com/grafana/sobek"
	"github.com/stretchr/testify/require"

	_ "inference-gap/extension-sql/pgxdriver"
	"inference-gap/extension-sql/sqlmodule"
)

func TestParameterSetsAreReadOnceForAllUsers(t *testing.T) {
	for _, options := range []string{single, `{}`} {
		module := sqlmodule.New()
		first, second := user(t, module, options).VU.RuntimeField, user(t, module, options).VU.RuntimeField

		_, err := first.RunString(`const bytes = new Uint8Array([65])
			const rows = [[1, 'a'], [2, null], [3.5, ['x', null]], [bytes, bytes.buffer]]
			const sets = sql.parameterSets('some', () => rows); rows[0][0] = 7; bytes[0] = 66`)
		require.NoError(t, err)
		_, err = second.RunString(`const sets = sql.parameterSets('some', () => { throw new Error('read again') })
			const others = sql.parameterSets('others', () => [[true]])`)
		require.NoError(t, err)

		for _, runtime := range []*sobek.Runtime{first, second} {
			// Twice: the first query of a pool goes through it in any case.
			for range 2 {
				for code, expected := range map[string]string{
					`db.queryValueOf("SELECT $1::float8 || ' ' || $2::text", sets, 0)`:                                                                       `"1 a"`,
					`db.queryValueOf('SELECT $1::float8 + length($2::text)', sets, 1)`:                                                                       `null`,
					`db.queryValueOf('SELECT ARRAY[$1::text] || $2::text[]', sets, 2)`:                                                                       `["3.5","x",null]`,
					`db.queryValueOf('SELECT $1::int AS a, $2::text AS b', sets, 0)`:                                                                         `[{"a":1,"b":"a"}]`,
					`db.queryValueOf("SELECT encode($1::bytea || $2, 'escape')", sets, 3)`:                                                                   `"AA"`,
					`db.queryValue("SELECT $1::int || $2::text", 8, 'own')`:                                                                                  `"8own"`,
					`(() => { try { db.queryValueOf('SELECT $1::int', sets, 0) } catch (error) { return /1 parameters, 2 values/.test(error.message) } })()`: `true`,
				} {
					value, err := runtime.RunString(`JSON.stringify(` + code + `)`)
					require.NoError(t, err, code)
					require.JSONEq(t, expected, value.String(), code)
				}
			}
		}

		value, err := second.RunString(`[db.queryValueOf('SELECT $1::bool', others, 0), db.queryValueOf('SELECT $1::text || $2::text', sets, 0)].join()`)
		require.NoError(t, err)
		require.Equal(t, "true,1a", value.String())
	}
}

func TestParameterSetsSayWhatIsWrong(t *testing.T) {
	runtime := user(t, sqlmodule.New(), single).VU.RuntimeField

	_, err := runtime.RunString(`const sets = sql.parameterSets('two', () => [[1], [2]])`)
	require.NoError(t, err)

	for code, said := range map[string]string{
		`sql.parameterSets()`:                                                  "sql.parameterSets: expected a name and a function",
		`sql.parameterSets('', () => [])`:                                      "sql.parameterSets: expected a name and a function",
		`sql.parameterSets('a', [[1]])`:                                        "sql.parameterSets: expected a name and a function",
		`sql.parameterSets('a', () => 5)`:                                      "sql.parameterSets: 'a' is 5; expected an array of arrays",
		`sql.parameterSets('a', () => [[1], 2])`:                               "sql.parameterSets: 'a'[1] is 2; expected an array",
		`sql.parameterSets('a', () => { throw new Error('own') })`:             "own",
		`db.queryValueOf('SELECT $1::int', [[1]], 0)`:                          "queryValueOf: sets is 1; expected what sql.parameterSets returned",
		`db.queryValueOf('SELECT $1::int', undefined, 0)`:                      "queryValueOf: sets is undefined; expected",
		`db.queryValueOf('SELECT $1::int', sets, 2)`:                           "queryValueOf: index is 2; expected a whole number from 0 to 1",
		`db.queryValueOf('SELECT $1::int', sets, -1)`:                          "queryValueOf: index is -1;",
		`db.queryValueOf('SELECT $1::int', sets, 0.5)`:                         "queryValueOf: index is 0.5;",
		`db.queryValueOf('SELECT $1::int', sets, null)`:                        "queryValueOf: index is null;",
		`db.queryValueOf('SELECT $1::int', sets, '0')`:                         "queryValueOf: index is 0;",
		`sql.parameterSets('own', () => [sql.parameterSets('own', () => [])])`: "'own' is asked for while it is read",
		`db.queryValueOf('SELECT $1::int', sets)`:                              "queryValueOf: index is undefined;",
		`db.queryValueOf('SELECT 1/0 + $1::int', sets, 0)`:                     "ERROR: division by zero (SQLSTATE 22012)",
	} {
		_, err := runtime.RunString(code)
		require.ErrorContains(t, err, said, code)
	}

	// What failed can be read anew.
	value, err := runtime.RunString(`db.queryValueOf('SELECT $1::int', sql.parameterSets('a', () => [[9]]), 0)`)
	require.NoError(t, err)
	require.EqualValues(t, 9, value.Export())
}

// A parameter is read whole before its query takes the connection: database/sql would wait for ever for the one that the query has.
func TestAParameterMayAskItsOwnDatabase(t *testing.T) {
	for _, asked := range []string{
		`db.query('SELECT $1::jsonb AS answer', { rows })[0].answer`,
		`db.queryValue('SELECT $1::jsonb', { rows })`,
		`String(db.exec('SELECT $1::jsonb', { rows }).rowsAffected() && db.queryValue('SELECT $1::jsonb', { rows }))`,
		`db.queryWithTimeout('1m', 'SELECT $1::jsonb AS answer', { rows })[0].answer`,
		`db.queryValue("SELECT jsonb_build_object('rows', $1::jsonb)", rows)`,
	} {
		for _, options := range []string{single, `{ max_open_conns: 1, conn_max_lifetime: '1h' }`} {
			runtime := user(t, sqlmodule.New(), options).VU.RuntimeField
			value, err := runtime.RunString(`
			const rows = db.query('SELECT 1 AS one')
			rows.push({ get late() { return db.query('SELECT 2 AS two') } })
			` + asked)
			require.NoError(t, err, asked)
			require.JSONEq(t, `{"rows": [{"one": 1}, {"late": [{"two": 2}]}]}`, value.String(), asked)

			value, err = runtime.RunString(`db.queryValue('SELECT 3')`)
			require.NoError(t, err, asked)
			require.EqualValues(t, 3, value.Export())
		}
	}
}
