package pgxdriver

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// settingsQuery sets what changes how Postgres writes values, and reads numbers and NULLs, to what this package and its
// readers rely on, where it is something else; a row for each that was. Whether a currency's format matters is seen by what it
// does, for its name says nothing. DateStyle keeps the order in which the user wants dates to be read.
const settingsQuery = `SELECT pg_catalog.set_config(s.name, s.wanted, false) FROM (VALUES
	('DateStyle', 'ISO', pg_catalog.current_setting('DateStyle') LIKE 'ISO%'),
	('IntervalStyle', 'postgres', pg_catalog.current_setting('IntervalStyle') = 'postgres'),
	('client_encoding', 'UTF8', pg_catalog.current_setting('client_encoding') = 'UTF8'),
	('extra_float_digits', '3', pg_catalog.current_setting('extra_float_digits')::pg_catalog.int4 >=
		CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 120000 THEN 1 ELSE 3 END),
	('bytea_output', 'hex', pg_catalog.current_setting('bytea_output') = 'hex'),
	('lc_monetary', 'C', (-1234.5)::pg_catalog.numeric::pg_catalog.money::pg_catalog.text = '-$1,234.50'),
	('array_nulls', 'on', pg_catalog.current_setting('array_nulls') = 'on'),
	('quote_all_identifiers', 'off', pg_catalog.current_setting('quote_all_identifiers') = 'off')
) AS s(name, wanted, is_so) WHERE NOT s.is_so`

// restoreSettings takes a round trip.
func restoreSettings(ctx context.Context, pg *pgconn.PgConn) error {
	if _, err := pg.Exec(ctx, settingsQuery).ReadAll(); err != nil {
		return fmt.Errorf("the settings by which values are read could not be restored: %w", explained(err))
	}

	return nil
}

// changesSettings says whether a statement with this command tag may have changed them.
func changesSettings(tag []byte) bool {
	switch string(tag) {
	case "SET", "RESET", "DISCARD ALL":
		return true
	default:
		return false
	}
}
