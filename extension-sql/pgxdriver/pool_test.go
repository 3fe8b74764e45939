package pgxdriver_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func pooled(t *testing.T, size, host string) string {
	t.Helper()

	given := address(t, "prepared", host)

	return given + "&pool=" + size + "&application_name=" + strings.ReplaceAll(t.Name(), "/", "-")
}

const backends = `db.query("SELECT count(*)::int AS n FROM pg_stat_activity ` +
	`WHERE application_name = current_setting('application_name')")`

func TestVirtualUsersShareThePool(t *testing.T) {
	connection := pooled(t, "3", "")
	users := make([]script, 10)

	for i := range users {
		users[i] = newScript(t, connection)
	}

	var group sync.WaitGroup

	for _, user := range users {
		group.Go(func() {
			for range 20 {
				if _, err := user.try(`db.query('SELECT pg_sleep(0.001), $1::int AS n', 7)[0].n`); err != nil {
					t.Error(err)
				}
			}
		})
	}

	group.Wait()
	requireJSON(t, `[{"n":3}]`, users[0].json(t, backends))

	// Those who go leave the connections to the others.
	users[1].run(t, `db.close()`)
	requireJSON(t, `[{"n":3}]`, users[0].json(t, backends))

	for _, user := range append(users[:1:1], users[2:]...) {
		user.run(t, `db.close()`)
	}

	own := newScript(t, strings.Replace(connection, "&pool=3", "", 1))
	require.Eventually(t, func() bool { return own.json(t, backends) == `[{"n":1}]` }, time.Minute, 10*time.Millisecond)
}

// Rows belong to the connection: whoever borrows it next must not write over those that are still read.
func TestRowsOfABorrowedConnectionAreItsOwn(t *testing.T) {
	connection := pooled(t, "1", "")

	var group sync.WaitGroup

	for i := range 8 {
		user := newScript(t, connection)
		_ = user.VU.RuntimeField.Set("own", i)

		group.Go(func() {
			for range 100 {
				value, err := user.try(`db.query('SELECT $1::int AS n FROM generate_series(1, 20)', own).every(({ n }) => n === own)`)
				if err != nil || value.Export() != true {
					t.Error(i, value, err)
				}
			}
		})
	}

	group.Wait()
}

func TestPoolOpensAnewWhatBroke(t *testing.T) {
	s := newScript(t, pooled(t, "1", ""))
	requireJSON(t, `[{"n":1}]`, s.json(t, `db.query('SELECT 1 AS n')`))
	requireJSON(t, `0`, s.json(t, `db.replaced()`))
	_, err := s.try(`db.query('SELECT pg_terminate_backend(pg_backend_pid())')`)
	require.Error(t, err)
	requireJSON(t, `[{"n":1}]`, s.json(t, `db.query('SELECT 1 AS n')`))
	requireJSON(t, `1`, s.json(t, `db.replaced()`))
	_, err = s.try(`db.query('SELECT 1/0')`)
	require.ErrorContains(t, err, "22012")
	requireJSON(t, `[{"n":1}]`, s.json(t, `db.query('SELECT 1 AS n')`))
}

// Nobody fails by a connection that ended while it lay in the pool, but who opens the next one in its place knows of it.
func TestPoolReplacesWhatEndedUnused(t *testing.T) {
	connection := pooled(t, "2", "")
	users := []script{newScript(t, connection), newScript(t, connection)}

	// Each query takes the next of both connections.
	for _, user := range users {
		requireJSON(t, `[{"n":1}]`, user.json(t, `db.query('SELECT 1 AS n')`))
	}

	other := newScript(t, address(t, "simple", ""))
	other.run(t, `db.query("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name = '`+t.Name()+`'")`)

	failed, replaced := 0, 0

	for range 2 {
		for _, user := range users {
			if _, err := user.try(`db.query('SELECT 1 AS n')`); err != nil {
				require.ErrorContains(t, err, "57P01")

				failed++
			}
		}
	}

	for _, user := range users {
		count, isWhole := user.run(t, `db.replaced()`).(int64)
		require.True(t, isWhole)

		replaced += int(count)
	}

	require.Equal(t, 2, replaced, "%d queries failed", failed)
}

func TestPoolSize(t *testing.T) {
	for _, size := range []string{"0", "-1", "many", ""} {
		_, err := newScriptWith(t, pooled(t, size, ""), `let db`).try(`sql.open(driver, connection)`)
		require.ErrorContains(t, err, "expected a whole number of at least 1", size)
	}
}
