package sqlmodule_test

import (
	"context"
	"encoding/json"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	xk6sql "github.com/grafana/xk6-sql/sql"
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

// single is a pool of one connection, which our module asks past database/sql.
const single = `{ max_open_conns: 1, max_idle_conns: 1 }`

// user is a virtual user with `db`, opened by the given module.
func user(t *testing.T, module modules.Module, options string) *modulestest.Runtime {
	t.Helper()

	return userAt(t, module, os.Getenv("POSTGRES_URL"), options)
}

func userAt(t *testing.T, module modules.Module, address, options string) *modulestest.Runtime {
	t.Helper()

	runtime := modulestest.NewRuntime(t)
	extension := ext.Get(ext.JSExtension)["k6/x/sql/driver/pgx"]
	require.NotNil(t, extension)

	driver, isModule := extension.Module.(modules.Module)
	require.True(t, isModule)

	for name, value := range map[string]any{
		"sql":        module.NewModuleInstance(runtime.VU).Exports().Default,
		"open":       module.NewModuleInstance(runtime.VU).Exports().Named["open"],
		"driver":     driver.NewModuleInstance(runtime.VU).Exports().Default,
		"connection": address,
	} {
		require.NoError(t, runtime.VU.RuntimeField.Set(name, value))
	}

	_, err := runtime.VU.RuntimeField.RunString(`const db = sql.open(driver, connection, ` + options + `)`)
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = runtime.VU.RuntimeField.RunString(`db.close()`) })

	return runtime
}

// What a script sees must be what it sees of xk6-sql alone.
func TestScriptsSeeWhatTheySeeOfXK6SQL(t *testing.T) {
	for _, options := range []string{single, `{}`, `undefined`, `{ max_open_conns: 1, conn_max_lifetime: '1h' }`} {
		t.Run(options, func(t *testing.T) { compareWithXK6SQL(t, options) })
	}
}

func compareWithXK6SQL(t *testing.T, options string) {
	t.Helper()

	ours, theirs := user(t, sqlmodule.New(), options), user(t, xk6sql.New(), options)

	for _, code := range []string{
		`db.query('SELECT 1 AS one')`,
		`db.query('SELECT 1 AS one').length`,
		`db.query('SELECT 1 AS one WHERE false')`,
		`Array.isArray(db.query('SELECT 1 AS one'))`,
		`db.query('SELECT i FROM generate_series(1, 3) i').map((row) => row.i * 2)`,
		`const rows = []; for (const row of db.query('SELECT i FROM generate_series(1, 3) i')) rows.push(row.i); rows`,
		`[...db.query('SELECT 1 AS one')].length`,
		`Object.keys(db.query('SELECT 1 AS one')[0])`,
		`Object.entries(db.query('SELECT 1 AS one')[0])`,
		`'one' in db.query('SELECT 1 AS one')[0]`,
		`typeof db.query('SELECT 1 AS one')[0].two`,
		`typeof db.query('SELECT 1 AS one')[1]`,
		`const { one } = db.query('SELECT 1 AS one')[0]; one`,
		`({ ...db.query('SELECT 1 AS one')[0] })`,
		`db.query('SELECT 1 AS one')[0].toString()`,
		`const changed = db.query('SELECT 1 AS one')[0]; changed.one = 2; changed.more = 3; [changed.one, changed.more]`,
		`const all = db.query('SELECT i FROM generate_series(1, 3) i'); all.push({ i: 4 }); all.pop(); all.map(({ i }) => i)`,
		`db.query('SELECT NULL AS a, true AS b, 1.5::float8 AS c, 9007199254740993 AS d, $1::text AS e', 'text')`,
		`db.query('SELECT ARRAY[1,2,NULL] AS a, ARRAY[[1,2],[3,4]] AS b')`,
		`db.query('SELECT ARRAY[1,2] AS a')[0].a.length`,
		`db.query("SELECT '\\x0102'::bytea AS a")[0].a[1]`,
		`db.query("SELECT '\\x0102'::bytea AS a")`,
		`db.query('SELECT $1::int + $2::int AS n', 1, 2)`,
		`db.query('SELECT $1::int AS a, $2::int AS b', null, undefined)`,
		`db.query('SELECT $1::real[] AS a', [1, 2.5, null])`,
		`db.query('SELECT $1::jsonb AS a', { a: [1, { b: null }] })`,
		`db.query('SELECT $1::timestamptz AS a', new Date(0))`,
		`db.query('SELECT $1::bytea AS a', new Uint8Array([1, 2]).buffer)`,
		// A result as a parameter.
		`db.query('SELECT $1::text[] AS a', db.query('SELECT 1 AS one'))`,
		`db.query('SELECT $1::jsonb AS a', { rows: db.query('SELECT 1 AS one') })`,
		`db.query('SELECT $1::int[] AS a', db.query('SELECT ARRAY[1, 2] AS list')[0].list)`,
		`db.query('SELECT $1::numeric::text AS a', 12345678901234567890n)`,
		`db.query(new String('SELECT 1 AS one'))`,
		`db.query({ toString: () => 'SELECT 1 AS one' })`,
		`db.query('SELECT $1::text AS a', 'x'.repeat(20) + 'ü')`,
		// An argument that asks the database itself, while its query is being put together.
		`db.query('SELECT $1::text AS a, $2::jsonb AS b, $3::int AS c', 'first', { get x() { return db.query('SELECT $1::int AS y', 7)[0].y } }, 3)`,
		`db.exec('SELECT 1').rowsAffected()`,
		`db.exec('CREATE TEMP TABLE IF NOT EXISTS pairs (a int)'); db.exec('INSERT INTO pairs SELECT generate_series(1, $1)', 5).rowsAffected()`,
		`db.execWithTimeout('1m', 'SELECT 1').rowsAffected()`,
		`db.queryWithTimeout('1m', 'SELECT $1::int AS n', 1)`,
		`const { query } = db; query('SELECT 1 AS one')`,
		`Object.keys(db).length >= 0 && typeof db.query`,
		`open(driver, connection).query('SELECT 2 AS two')`,
		// Errors.
		`db.query()`,
		`db.query(null)`,
		`db.query('SELECT 1/0')`,
		`db.query('SELECT $1::int AS n')`,
		`db.query('SELECT nonsense')`,
		`db.query('SELECT $1::text', () => 1)`,
		`db.exec('nonsense')`,
		`db.queryWithTimeout('soon', 'SELECT 1')`,
		`db.queryWithTimeout()`,
		`db.queryWithTimeout('3s', 'SELECT pg_sleep(60)')`,
		`db.execWithTimeout('3s', 'SELECT pg_sleep(60)')`,
		`db.query('SELECT 1 AS after')`,
		`db.query('SELECT 1 AS a, 2 AS a')`,
		`db.query('SELECT FROM generate_series(1, 2)').length`,
		`db.query('BEGIN'); db.query('SELECT 1 AS within'); db.query('ROLLBACK')`,
		`sql.open('nonsense', connection)`,
		`sql.open(driver, 'nonsense://')`,
		`sql.open(driver, connection, { conn_max_lifetime: 'soon' })`,
		`typeof db.close()`,
		`db.query('SELECT 1')`,
		`db.close()`,
	} {
		seen := func(runtime *modulestest.Runtime) string {
			value, err := runtime.VU.RuntimeField.RunString(`(() => {
				try { return JSON.stringify({ is: eval(` + quoted(code) + `) }) }
				catch (error) { return error.name + ': ' + error.message + ' ' + (error.value === undefined) + ' ' + (error instanceof Error) }
			})()`)
			require.NoError(t, err, code)

			return value.String()
		}
		expected, actual := seen(theirs), seen(ours)
		if strings.HasPrefix(expected, "{") {
			require.JSONEq(t, expected, actual, code) // in whatever order the columns come
		} else {
			require.Equal(t, expected, actual, code)
		}
	}
}

func quoted(code string) string {
	text, err := json.Marshal(code)
	if err != nil {
		panic(err)
	}

	return string(text)
}

// xk6-sql alone gives 3, 2, 3: the script engine wraps its rows anew with each look at them.
func TestRowsCanBeReversed(t *testing.T) {
	value, err := user(t, sqlmodule.New(), single).VU.RuntimeField.RunString(
		`db.query('SELECT i FROM generate_series(1, 3) i').reverse().map(({ i }) => i).join()`)
	require.NoError(t, err)
	require.Equal(t, "3,2,1", value.String())
}

// The contexts that xk6-sql sees cannot end; the driver has to see to it.
func TestTheEndOfAVirtualUserEndsItsQuery(t *testing.T) {
	for name, code := range map[string]string{
		"query":            `db.query('SELECT pg_sleep(120)')`,
		"queryWithTimeout": `db.queryWithTimeout('100s', 'SELECT pg_sleep(120)')`,
		"exec":             `db.exec('SELECT pg_sleep(120)')`,
		"execWithTimeout":  `db.execWithTimeout('100s', 'SELECT pg_sleep(120)')`,
	} {
		t.Run(name, func(t *testing.T) {
			runtime := user(t, sqlmodule.New(), single)

			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()

			runtime.VU.CtxField = ctx

			// More than calmQueries: the thread blocks while it waits.
			_, err := runtime.VU.RuntimeField.RunString(`for (let i = 0; i < 100; i++) db.query('SELECT 1')`)
			require.NoError(t, err)

			time.AfterFunc(200*time.Millisecond, cancel)

			began := time.Now()
			_, err = runtime.VU.RuntimeField.RunString(code)
			require.ErrorContains(t, err, "context canceled")
			require.Less(t, time.Since(began), time.Minute)

			_, err = runtime.VU.RuntimeField.RunString(`db.query('SELECT 1')`)
			require.ErrorContains(t, err, "context canceled")

			runtime.VU.CtxField = context.Background()

			_, err = runtime.VU.RuntimeField.RunString(`db.query('SELECT 1')`)
			require.NoError(t, err)
		})
	}
}

func TestAValueIsGivenWithoutItsRow(t *testing.T) {
	for _, options := range []string{single, `{}`} {
		runtime := user(t, sqlmodule.New(), options).VU.RuntimeField

		for range 2 {
			for code, expected := range map[string]string{
				`db.queryValue('SELECT $1::int + 1 AS n', 1)`:                                              `2`,
				`db.queryValue('SELECT 0.5::real')`:                                                        `0.5`,
				`db.queryValue("SELECT 'text'")`:                                                           `"text"`,
				`db.queryValue('SELECT NULL')`:                                                             `null`,
				`db.queryValue('SELECT ARRAY[1, 2]')`:                                                      `[1,2]`,
				`db.queryValue('SELECT 1 AS one WHERE false')`:                                             `[]`,
				`db.queryValue('SELECT 1 AS one, 2 AS one')`:                                               `2`,
				`db.queryValue('SELECT 1 AS one, 2 AS two')`:                                               `[{"one":1,"two":2}]`,
				`db.queryValue('SELECT i FROM generate_series(1, 2) AS i')`:                                `[{"i":1},{"i":2}]`,
				`(() => { try { db.queryValue('SELECT 1/0') } catch (error) { return error.message } })()`: `"ERROR: division by zero (SQLSTATE 22012)"`,
			} {
				value, err := runtime.RunString(`JSON.stringify(` + code + `)`)
				require.NoError(t, err, code)
				require.JSONEq(t, expected, value.String(), code)

				// As the first query, which goes through the pool in any case.
				value, err = user(t, sqlmodule.New(), options).VU.RuntimeField.RunString(`JSON.stringify(` + code + `)`)
				require.NoError(t, err, code)
				require.JSONEq(t, expected, value.String(), code)
			}
		}
	}
}

// Which of the two ways a query takes shows in what database/sql allows itself.
func TestAClosedPoolAnswersNothing(t *testing.T) {
	runtime := user(t, sqlmodule.New(), single).VU.RuntimeField

	_, err := runtime.RunString(`db.query('SELECT 1'); db.query('SELECT 1'); db.close()`)
	require.NoError(t, err)

	for _, code := range []string{`db.query('SELECT 1')`, `db.queryValue('SELECT 1')`} {
		_, err = runtime.RunString(code)
		require.ErrorContains(t, err, "sql: database is closed")
	}
}

func TestAfterALostConnectionThePoolOpensAnother(t *testing.T) {
	runtime, other := user(t, sqlmodule.New(), single).VU.RuntimeField, user(t, sqlmodule.New(), single).VU.RuntimeField

	for lost := range 3 {
		replaced, err := runtime.RunString(`db.replaced()`)
		require.NoError(t, err)
		require.EqualValues(t, lost, replaced.ToInteger())

		pid, err := runtime.RunString(`db.queryValue('SELECT 1'); db.queryValue('SELECT pg_backend_pid()')`)
		require.NoError(t, err)

		_, err = other.RunString(`db.query('SELECT pg_terminate_backend(` + pid.String() + `, 60000)')`)
		require.NoError(t, err)

		// What the server said last, or nothing where it was seen to be gone before anything was sent.
		if _, err = runtime.RunString(`db.queryValue('SELECT 1')`); err != nil {
			require.ErrorContains(t, err, "SQLSTATE 57P01")
		}

		again, err := runtime.RunString(`db.queryValue('SELECT pg_backend_pid()')`)
		require.NoError(t, err)
		require.NotEqual(t, pid.String(), again.String())
	}
}

func TestFailuresHaveTheirKind(t *testing.T) {
	to := os.Getenv("POSTGRES_URL")
	admin := user(t, sqlmodule.New(), single)

	_, err := admin.VU.RuntimeField.RunString(`db.exec("DROP ROLE IF EXISTS kept_out"); db.exec("CREATE ROLE kept_out LOGIN PASSWORD 'secret' CONNECTION LIMIT 0")`)
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = admin.VU.RuntimeField.RunString(`db.exec('DROP ROLE kept_out')`) })

	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())

	as := func(change func(*url.URL)) string {
		other, err := url.Parse(to)
		require.NoError(t, err)
		change(other)

		return other.String()
	}

	for kind, one := range map[string]struct{ address, code string }{
		"SQLSTATE 22012": {to, `db.query('SELECT 1 / 0')`},
		"SQLSTATE 42P01": {to, `db.queryValue('SELECT * FROM nowhere')`},
		"SQLSTATE 57P01": {to, `db.query('SELECT pg_terminate_backend(pg_backend_pid())')`},
		"SQLSTATE 57014": {to, `db.query("SET statement_timeout = '1ms'"); db.query('SELECT pg_sleep(10)')`},
		"SQLSTATE 53300": {as(func(u *url.URL) { u.User = url.UserPassword("kept_out", "secret") }), `db.query('SELECT 1')`},
		"SQLSTATE 28P01": {as(func(u *url.URL) { u.User = url.UserPassword("kept_out", "another secret") }), `db.query('SELECT 1')`},
		"SQLSTATE 3D000": {as(func(u *url.URL) { u.Path = "/nowhere" }), `db.query('SELECT 1')`},
		"ECONNREFUSED":   {as(func(u *url.URL) { u.Host = free.Addr().String() }), `db.query('SELECT 1')`},
		"time-out":       {as(func(u *url.URL) { u.RawQuery += "&query_timeout=1" }), `db.query('SELECT pg_sleep(10)')`},
		"time-out ":      {to, `db.queryWithTimeout('10ms', 'SELECT pg_sleep(10)')`},
	} {
		for _, options := range []string{single, `{}`} {
			u := userAt(t, sqlmodule.New(), one.address, options)

			seen, err := u.VU.RuntimeField.RunString(`try { ` + one.code + `; 'nothing' } catch (error) { error.kind + ' ' + error.message }`)
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(seen.String(), strings.TrimSpace(kind)+" "), "%s: %s", kind, seen)
			require.NotContains(t, seen.String(), "secret")
		}
	}
}
