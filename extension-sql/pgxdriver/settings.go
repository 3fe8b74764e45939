package pgxdriver

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"inference-gap/extension-sql/catalogue"
)

// restoreSettings takes a round trip.
func restoreSettings(ctx context.Context, pg *pgconn.PgConn) error {
	if _, err := pg.Exec(ctx, catalogue.Settings).ReadAll(); err != nil {
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
