package pgxdriver_test

import (
	"net/url"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRoundTrips(t *testing.T) {
	for mode, first := range map[string]int64{
		"simple":   1,
		"extended": 1,
		"prepared": 2, // it is prepared first
	} {
		t.Run(mode, func(t *testing.T) {
			proxy := newCountingProxy(t)
			s := newScript(t, address(t, mode, proxy.address))
			s.run(t, `db.query('SELECT 1')`) // connects

			before := proxy.ready.Load()
			s.run(t, `db.query('SELECT $1::int + 1 AS n', 1)`)
			require.Equal(t, first, proxy.ready.Load()-before, "round trips of the first query")

			before = proxy.ready.Load()
			s.run(t, `for (let i = 0; i < 10; i++) db.query('SELECT $1::int + 1 AS n', i)`)
			require.Equal(t, int64(10), proxy.ready.Load()-before, "round trips of ten further queries")
		})
	}
}

func TestPreparedOnceAConnection(t *testing.T) {
	s := newScript(t, address(t, "", "")) // prepared is the default
	s.run(t, `for (let i = 0; i < 5; i++) db.query('SELECT $1::int AS once', i)`)
	requireJSON(t, `[{"statements": 1, "calls": 5}]`, s.json(t,
		`db.query("SELECT count(*)::int AS statements, sum(generic_plans + custom_plans)::int AS calls `+
			`FROM pg_prepared_statements WHERE statement = 'SELECT $1::int AS once'")`))
}

func TestOtherModesPrepareNothing(t *testing.T) {
	for _, mode := range []string{"simple", "extended"} {
		t.Run(mode, func(t *testing.T) {
			s := newScript(t, address(t, mode, ""))
			s.run(t, `db.query('SELECT $1::int AS once', 1)`)
			requireJSON(t, `[{"statements": 0}]`,
				s.json(t, `db.query("SELECT count(*)::int AS statements FROM pg_prepared_statements")`))
		})
	}
}

func TestStatementsAreBounded(t *testing.T) {
	s := newScript(t, address(t, "prepared", ""))
	s.run(t, `for (let i = 0; i < 600; i++) db.query('SELECT ' + i + ' AS n')`)
	requireJSON(t, `[{"bounded": true}]`,
		s.json(t, `db.query("SELECT count(*) <= 512 AS bounded FROM pg_prepared_statements")`))
}

func TestSurvivesDiscardAndChangedTables(t *testing.T) {
	inEachMode(t, func(t *testing.T, s script) {
		s.run(t, `db.exec('CREATE TEMP TABLE changing (a int)'); db.exec('INSERT INTO changing VALUES (1)')`)
		requireJSON(t, `[{"a":1}]`, s.json(t, `db.query('SELECT * FROM changing')`))
		s.run(t, `db.exec('ALTER TABLE changing ADD b int')`)
		requireJSON(t, `[{"a":1,"b":null}]`, s.json(t, `db.query('SELECT * FROM changing')`))
		s.run(t, `db.exec('DEALLOCATE ALL')`)
		requireJSON(t, `[{"a":1,"b":null}]`, s.json(t, `db.query('SELECT * FROM changing')`))
	})
}

func TestUnknownQueryMode(t *testing.T) {
	s := newScriptWith(t, address(t, "fast", ""), `let db`)
	_, err := s.try(`sql.open(driver, connection)`)
	require.ErrorContains(t, err, `query_mode in the connection string is "fast"; expected simple, extended or prepared`)
}

func TestErrors(t *testing.T) {
	inEachMode(t, func(t *testing.T, s script) {
		for name, check := range map[string]struct{ code, expected string }{
			"division":   {`db.query('SELECT 1 / $1::int', 0)`, "ERROR: division by zero (SQLSTATE 22012)"},
			"syntax":     {`db.query('SELEKT 1')`, "(SQLSTATE 42601)"},
			"exec":       {`db.exec('DROP TABLE no_such_table')`, `table "no_such_table" does not exist (SQLSTATE 42P01)`},
			"with hint":  {`db.query('SELECT no_such_function(1)')`, "(SQLSTATE 42883); hint: "},
			"bad number": {`db.query('SELECT $1::int', 'x')`, "(SQLSTATE 22P02)"},
			// xk6-sql itself would return the two rows before it.
			"after the first row": {`db.query('SELECT 1 / (3 - i) FROM generate_series(1, 5) AS i')`, "(SQLSTATE 22012)"},
		} {
			t.Run(name, func(t *testing.T) {
				_, err := s.try(check.code)
				require.ErrorContains(t, err, check.expected)
				requireJSON(t, `[{"n":1}]`, s.json(t, `db.query('SELECT 1 AS n')`)) // and the connection still works
			})
		}
	})
}

func TestWrongPasswordIsNotRepeated(t *testing.T) {
	parsed, err := url.Parse(os.Getenv("POSTGRES_URL"))
	require.NoError(t, err)

	parsed.User = url.UserPassword("nobody_of_that_name", "very-secret")
	s := newScript(t, parsed.String())
	_, err = s.try(`db.query('SELECT 1')`)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "very-secret")
}

func TestTimeoutCancelsOnTheServer(t *testing.T) {
	inEachMode(t, func(t *testing.T, s script) {
		_, err := s.try(`db.queryWithTimeout('100ms', 'SELECT pg_sleep(60) AS cancelled_by_test')`)
		require.ErrorContains(t, err, "deadline exceeded")
		requireJSON(t, `[{"running":0}]`, s.json(t,
			`db.query("SELECT count(*)::int AS running FROM pg_stat_activity WHERE state = 'active' `+
				`AND query LIKE '%cancelled_by_test%' AND pid <> pg_backend_pid()")`))
	})
}

func TestBrokenConnection(t *testing.T) {
	for _, mode := range []string{"simple", "extended", "prepared"} {
		t.Run(mode, func(t *testing.T) {
			proxy := newCountingProxy(t)
			s := newScript(t, address(t, mode, proxy.address))
			s.run(t, `db.query('SELECT 1')`)
			proxy.cut()
			// The first query may find the connection gone; what was sent is not sent twice behind the script's back.
			_, _ = s.try(`db.query('SELECT 1')`)
			requireJSON(t, `[{"n":1}]`, s.json(t, `db.query('SELECT 1 AS n')`))
		})
	}
}
