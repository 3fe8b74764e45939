package pgxdriver_test

import (
	"context"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

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

// The letters are the protocol's message types (https://www.postgresql.org/docs/current/protocol-message-formats.html):
// Query, Parse, Bind, Describe, Execute, Sync. These are what pgbench sends, less a Describe in its prepared mode.
func TestMessages(t *testing.T) {
	for mode, expected := range map[string]string{"simple": "Q", "extended": "PBDES", "prepared": "BES"} {
		t.Run(mode, func(t *testing.T) {
			proxy := newCountingProxy(t)
			s := newScript(t, address(t, mode, proxy.address))
			query := `db.query('SELECT $1::int + 1 AS n', 1)`
			s.run(t, query)
			proxy.taken()
			s.run(t, query)
			require.Equal(t, expected, proxy.taken())
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

// Everything that was known of a text may be wrong for a table of the same name.
func TestTableMadeAnewWithOtherTypes(t *testing.T) {
	for name, each := range map[string]struct{ before, after, query, first, then, expected string }{
		"a comparison (42883)":        {"id int", "id text", `SELECT id AS v FROM anew WHERE id = $1`, `1`, `'1'`, `[{"v":"1"}]`},
		"with a value of neither":     {"id int", "id text", `SELECT id AS v FROM anew WHERE id = $1`, `1`, `'none'`, `[]`},
		"a value of the type (42804)": {"id int", "id boolean", `INSERT INTO anew VALUES ($1) RETURNING id AS v`, `1`, `true`, `[{"v":true}]`},
		"only its values (22P02)":     {"id int", "id text", `INSERT INTO anew VALUES ($1) RETURNING id AS v`, `1`, `'x'`, `[{"v":"x"}]`},
		"a value out of its range":    {"id smallint", "id bigint", `SELECT id AS v FROM anew WHERE id = $1`, `1`, `70000`, `[]`},
		"a column of another name":    {"id int", "id text, more int", `SELECT * FROM anew WHERE id = $1`, `1`, `'1'`, `[{"id":"1","more":null}]`},
	} {
		t.Run(name, func(t *testing.T) {
			inEachMode(t, func(t *testing.T, s script) {
				s.run(t, "db.exec('CREATE TEMP TABLE anew ("+each.before+")'); db.exec('INSERT INTO anew VALUES (NULL)')")

				ask := func(value string) string { return s.json(t, "db.query('"+each.query+"', "+value+")") }
				ask(each.first)
				s.run(t, "db.exec('DROP TABLE anew'); db.exec('CREATE TEMP TABLE anew ("+each.after+")')"+
					map[bool]string{true: `; db.exec("INSERT INTO anew VALUES ('1')")`}[strings.Contains(each.after, "text")])

				for range 3 {
					requireJSON(t, each.expected, ask(each.then))
				}
			})
		})
	}
}

// How an array is written depends on the parameter's type, which extended mode knows from before. A simple query does not say
// when it failed; its next one is right.
func TestTableMadeAnewWithAnArray(t *testing.T) {
	inEachMode(t, func(t *testing.T, s script) {
		ask := "db.query('INSERT INTO anew VALUES ($1) RETURNING list AS v', [1, 2])"
		s.run(t, "db.exec('CREATE TEMP TABLE anew (list int[])')")
		requireJSON(t, `[{"v":[1,2]}]`, s.json(t, ask))
		s.run(t, "db.exec('DROP TABLE anew'); db.exec('CREATE TEMP TABLE anew (list jsonb)')")

		if strings.HasSuffix(t.Name(), "/simple") {
			_, err := s.try(ask)
			require.ErrorContains(t, err, "22P02")
		}

		requireJSON(t, `[{"v":"[1, 2]"}]`, s.json(t, ask))
		requireJSON(t, `[{"n":1}]`, s.json(t, "db.query('SELECT count(*)::int AS n FROM anew')"))
	})
}

func TestTableMadeAnewInATransaction(t *testing.T) {
	s := newScript(t, address(t, "prepared", ""))
	s.run(t, `db.exec('CREATE TEMP TABLE anew (id int)'); db.query('SELECT id FROM anew WHERE id = $1', 1)
		db.exec('BEGIN'); db.exec('DROP TABLE anew'); db.exec('CREATE TEMP TABLE anew (id text)')`)
	_, err := s.try(`db.query('SELECT id FROM anew WHERE id = $1', '1')`)
	require.ErrorContains(t, err, "42883")
	s.run(t, `db.exec('ROLLBACK'); db.exec('DROP TABLE anew'); db.exec('CREATE TEMP TABLE anew (id text)')`)
	requireJSON(t, `[]`, s.json(t, `db.query('SELECT id FROM anew WHERE id = $1', '1')`))
}

// A value that does not fit is sent once more where the statement has served, for its table may have changed; what fails while it is
// executed never is. The letters are those of TestMessages, with C for Close.
func TestMisfitsAreSentOnceMore(t *testing.T) {
	proxy := newCountingProxy(t)
	s := newScript(t, address(t, "prepared", proxy.address))
	s.run(t, `db.query('SELECT 1')`) // connects

	for _, each := range []struct{ text, value, code, messages string }{
		{"SELECT $1::int AS n", "'x'", "22P02", "PDSBESCS"}, // it has never served
		{"SELECT $1::int AS n", "1", "", "PDSBES"},
		{"SELECT $1::int AS n", "'x'", "22P02", "BESCSPDSBES"},
		{"SELECT $1::int AS n", "2", "", "BES"},
		{"SELECT 1 / (i - $1::int) AS n FROM generate_series(1, 1) AS i", "0", "", "PDSBES"},
		{"SELECT 1 / (i - $1::int) AS n FROM generate_series(1, 1) AS i", "1", "22012", "BES"},
	} {
		proxy.taken()

		_, err := s.try("db.query('" + each.text + "', " + each.value + ")")
		if each.code == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, each.code)
		}

		require.Equal(t, each.messages, proxy.taken(), each)
	}
}

func TestStaleStatementsAreClosed(t *testing.T) {
	s := newScript(t, address(t, "prepared", ""))
	s.run(t, `db.exec('CREATE TEMP TABLE changing (a int)')
		for (let i = 0; i < 5; i++) { db.query('SELECT * FROM changing'); db.exec('ALTER TABLE changing ADD c' + i + ' int') }`)
	requireJSON(t, `[{"statements":1}]`, s.json(t, `db.query("SELECT count(*)::int AS statements FROM pg_prepared_statements "+
		"WHERE statement = 'SELECT * FROM changing'")`))
}

func TestStaleStatementInATransaction(t *testing.T) {
	s := newScript(t, address(t, "prepared", ""))
	s.run(t, `db.exec('CREATE TEMP TABLE changing (a int)'); db.query('SELECT * FROM changing')
		db.exec('BEGIN'); db.exec('ALTER TABLE changing ADD b int')`)
	// What the transaction did before is lost with the error: only the script can begin it anew.
	_, err := s.try(`db.query('SELECT * FROM changing')`)
	require.ErrorContains(t, err, "cached plan must not change result type (SQLSTATE 0A000)")
	s.run(t, `db.exec('ROLLBACK'); db.exec('ALTER TABLE changing ADD b int')`)
	requireJSON(t, `[]`, s.json(t, `db.query('SELECT * FROM changing')`))
}

func TestUnsupportedIsTriedOnce(t *testing.T) {
	proxy := newCountingProxy(t)
	s := newScript(t, address(t, "prepared", proxy.address))
	query := `db.query("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '0A000'; END $$")`
	_, err := s.try(query)
	require.ErrorContains(t, err, "ERROR: no (SQLSTATE 0A000)")
	proxy.taken()

	_, err = s.try(query)
	require.Error(t, err)
	require.Equal(t, "BDES", proxy.taken())
}

func TestCursors(t *testing.T) {
	inEachMode(t, func(t *testing.T, s script) {
		s.run(t, `db.exec('BEGIN'); db.exec('DECLARE c CURSOR FOR SELECT i FROM generate_series(1, 3) AS i')`)
		requireJSON(t, `[{"i":1},{"i":2}]`, s.json(t, `db.query('FETCH 2 FROM c')`))
		requireJSON(t, `[{"i":3}]`, s.json(t, `db.query('FETCH 2 FROM c')`))
		s.run(t, `db.exec('COMMIT')`)
	})
}

func TestCopyFromStdinIsRefused(t *testing.T) {
	inEachMode(t, func(t *testing.T, s script) {
		s.run(t, `db.exec('CREATE TEMP TABLE copied (a int)')`)
		_, err := s.try(`db.exec('COPY copied FROM STDIN')`)
		require.ErrorContains(t, err, "COPY FROM STDIN is not possible in a script")
		requireJSON(t, `[{"n":0}]`, s.json(t, `db.query('SELECT count(*)::int AS n FROM copied')`))
	})
}

func TestSeveralStatementsInOneText(t *testing.T) {
	s := newScript(t, address(t, "simple", ""))
	requireJSON(t, `[{"b":2}]`, s.json(t, `db.query('SELECT 1 AS a; SELECT 2 AS b')`))

	_, err := newScript(t, address(t, "prepared", "")).try(`db.query('SELECT 1 AS a; SELECT 2 AS b')`)
	require.ErrorContains(t, err, "cannot insert multiple commands into a prepared statement (SQLSTATE 42601)")
}

func TestLargeResultsAndLargeParameters(t *testing.T) {
	inEachMode(t, func(t *testing.T, s script) {
		requireJSON(t, `[100000, 1, 100000]`, s.json(t, `(() => {
			const rows = db.query('SELECT i FROM generate_series(1, 100000) AS i')
			return [rows.length, rows[0].i, rows[99999].i] })()`))
		requireJSON(t, `[{"n":4000000}]`, s.json(t, `db.query('SELECT length($1::text) AS n', 'x'.repeat(4e6))`))
		requireJSON(t, `[{"n":1}]`, s.json(t, `db.query('SELECT 1 AS n')`)) // nothing is left of the larger ones
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

func TestAddressThatCannotBeRead(t *testing.T) {
	s := newScriptWith(t, "postgres://someone:very-secret@127.0.0.1:port/db", `let db`)
	_, err := s.try(`sql.open(driver, connection)`)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "very-secret")
}

// A virtual user that ends, as at a scenario's end, takes its query with it.
func TestEndOfTheVirtualUserCancels(t *testing.T) {
	inEachMode(t, func(t *testing.T, s script) {
		ctx, cancel := context.WithCancel(t.Context())
		usual := s.VU.CtxField
		s.VU.CtxField = ctx
		observer := newScript(t, address(t, "simple", ""))
		running := func() string {
			return observer.json(t, `db.query("SELECT count(*)::int AS running FROM pg_stat_activity WHERE state = 'active' `+
				`AND query LIKE '%ended_by_test%' AND pid <> pg_backend_pid()")[0].running`)
		}
		failed := make(chan error)

		go func() {
			_, err := s.try(`db.query('SELECT pg_sleep(3600) AS ended_by_test')`)
			failed <- err
		}()

		for running() != "1" { //nolint:revive // it is soon
		}

		cancel()
		require.ErrorContains(t, <-failed, "context canceled")
		require.Equal(t, "0", running())

		s.VU.CtxField = usual
		requireJSON(t, `[{"n":1}]`, s.json(t, `db.query('SELECT 1 AS n')`)) // on a connection of its own
	})
}

func TestTimeoutCancelsOnTheServer(t *testing.T) {
	inEachMode(t, func(t *testing.T, s script) {
		_, err := s.try(`db.queryWithTimeout('3s', 'SELECT pg_sleep(600) AS cancelled_by_test')`)
		require.ErrorContains(t, err, "deadline exceeded")
		require.Eventually(t, func() bool {
			return s.json(t, `db.query("SELECT count(*)::int AS running FROM pg_stat_activity WHERE state = 'active' `+
				`AND query LIKE '%cancelled_by_test%' AND pid <> pg_backend_pid()")`) == `[{"running":0}]`
		}, time.Minute, 10*time.Millisecond)
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

// A query whose answer is lost may have been executed: it is not sent again.
func TestAtMostOnce(t *testing.T) {
	for _, mode := range []string{"simple", "extended", "prepared"} {
		t.Run(mode, func(t *testing.T) {
			direct := newScript(t, address(t, "simple", ""))
			direct.run(t, `db.exec('DROP TABLE IF EXISTS gap_test_once; CREATE TABLE gap_test_once (n int)')`)
			t.Cleanup(func() { direct.run(t, `db.exec('DROP TABLE gap_test_once')`) })

			proxy := newCountingProxy(t)
			s := newScript(t, address(t, mode, proxy.address))
			insert := `db.exec('INSERT INTO gap_test_once VALUES ($1::int)', 1)`
			s.run(t, insert)
			proxy.deaf.Store(true)

			_, err := s.try(insert)
			require.ErrorContains(t, err, "the connection to Postgres broke")
			proxy.deaf.Store(false)
			requireJSON(t, `[{"n":1}]`, s.json(t, `db.query('SELECT 1 AS n')`))

			// The server finishes the statement whether or not someone listens.
			count := func() string { return direct.json(t, `db.query('SELECT count(*)::int AS n FROM gap_test_once')[0].n`) }
			for count() == "1" { //nolint:revive // it is soon
			}

			require.Equal(t, "2", count())
		})
	}
}

func TestConnectionEndedByTheServer(t *testing.T) {
	inEachMode(t, func(t *testing.T, s script) {
		first := s.json(t, `db.query('SELECT pg_backend_pid() AS pid')[0].pid`)
		newScript(t, address(t, "simple", "")).run(t, `db.query('SELECT pg_terminate_backend(`+first+`, 60000)')`)
		// Either it says why, or it was seen to be gone before anything was sent and another one answered.
		if _, err := s.try(`db.query('SELECT 1')`); err != nil {
			require.ErrorContains(t, err, "SQLSTATE 57P01")
		}

		require.NotEqual(t, first, s.json(t, `db.query('SELECT pg_backend_pid() AS pid')[0].pid`))
	})
}
