package pgxdriver_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The proxy's port makes it a database that this process has not seen yet.
func TestTheCatalogueIsAskedOnceADatabase(t *testing.T) {
	for mode, prepares := range map[string]int64{"simple": 0, "extended": 0, "prepared": 1} {
		t.Run(mode, func(t *testing.T) {
			server := withMadeTypes(t)
			proxy := newCountingProxy(t)
			trips := func(s script, query string) int64 {
				before := proxy.ready.Load()
				s.run(t, query)

				return proxy.ready.Load() - before
			}
			moods := "db.query(`SELECT ARRAY['ok']::gap_test_values.mood[] AS v`)"
			first, second := newScript(t, address(t, mode, proxy.address)), newScript(t, address(t, mode, proxy.address))

			require.Equal(t, 3+prepares, trips(first, moods), "connecting, the catalogue, the query")
			require.Equal(t, 2+prepares, trips(second, moods), "connecting, the query")
			require.Equal(t, int64(1), trips(first, moods))

			// One that is made later is looked up with what it is made of: the array, its domain, that one's enum is known.
			_, err := server.ask("CREATE DOMAIN gap_test_values.later AS gap_test_values.mood[]")
			require.NoError(t, err)

			later := "db.query(`SELECT ARRAY[ARRAY['ok']::gap_test_values.later] AS v`)"

			require.Equal(t, 3+prepares, trips(first, later), "two look-ups, the query")
			require.Equal(t, int64(1), trips(first, later))
			require.Equal(t, 1+prepares, trips(second, later))
			requireJSON(t, `[[["ok"]]]`, second.json(t, later+`.map((row) => row.v)`))
		})
	}
}

// Only an array depends on the parameter's type.
func TestATextWithAnArrayIsDescribedOnceAConnection(t *testing.T) {
	for mode, expected := range map[string][]string{
		"simple":   {"PDSQ", "Q"},
		"extended": {"PDSPBDES", "PBDES"},
		"prepared": {"PDSBES", "BES"},
	} {
		t.Run(mode, func(t *testing.T) {
			proxy := newCountingProxy(t)
			s := newScript(t, address(t, mode, proxy.address))
			s.run(t, `db.query('SELECT 1')`)
			proxy.taken()

			for _, messages := range expected {
				s.run(t, `db.query('SELECT $1::jsonb AS v', [1])`)
				require.Equal(t, messages, proxy.taken())
			}
		})
	}
}

// The types of a text may change with a table: what failed is described anew.
func TestAfterAnErrorATextIsDescribedAnew(t *testing.T) {
	for _, mode := range []string{"simple", "extended"} {
		s := newScript(t, address(t, mode, ""))
		s.run(t, `db.exec('CREATE TEMP TABLE changing (v int[])'); db.exec('INSERT INTO changing VALUES ($1)', [1])
			db.exec('DROP TABLE changing'); db.exec('CREATE TEMP TABLE changing (v jsonb)')`)
		_, _ = s.try(`db.exec('INSERT INTO changing VALUES ($1)', [1])`)
		s.run(t, `db.exec('INSERT INTO changing VALUES ($1)', [2])`)
		requireJSON(t, `"[2]"`, s.json(t, `db.query('SELECT v FROM changing').pop().v`))
	}
}

func TestArraysInATextOfSeveralStatements(t *testing.T) {
	s := newScript(t, address(t, "simple", ""))
	// Nothing is described, which would end the transaction.
	requireJSON(t, `[1,null]`, s.json(t, `db.query("BEGIN; SELECT ';' /* ; */; SELECT $1::int[] AS v", [1, null])[0].v`))
	requireJSON(t, `[1]`, s.json(t, `db.query("SELECT $1::jsonb AS v ; -- the end\n", [1]).map((row) => JSON.parse(row.v)[0])`))
	s.run(t, `db.exec('COMMIT')`)
}

// A setting that a script changes is what it was, for how values are written; what it says of input stays.
func TestSettingsThatATransactionTakesBack(t *testing.T) {
	inEachMode(t, func(t *testing.T, s script) {
		shown := "db.query(`SELECT 0.1::float8 + 0.2 AS a, ARRAY[0.1::float8 + 0.2] AS b, '\\\\x5c'::bytea::text AS c`)[0]"
		expected := `{"a":0.30000000000000004,"b":[0.30000000000000004],"c":"\\x5c"}`

		for _, code := range []string{
			"db.exec('BEGIN'); db.exec('SET LOCAL extra_float_digits = 0')",
			"db.exec('SET bytea_output = escape')",
			"db.exec('COMMIT')",
			"db.exec('BEGIN'); db.exec('SET extra_float_digits = -15')",
			"db.exec('ROLLBACK')",
			"db.exec('RESET ALL')",
			"db.query(`SELECT set_config('DateStyle', 'SQL, DMY', false)`)",
			"db.exec('DISCARD ALL')",
		} {
			s.run(t, code)
			requireJSON(t, expected, s.json(t, shown))
		}

		s.run(t, "db.exec(`SET DateStyle = 'SQL, DMY'`)")
		requireJSON(t, `"2013-02-01"`, s.json(t, "db.query('SELECT $1::date AS v', '01/02/2013')[0].v"))
	})
}
