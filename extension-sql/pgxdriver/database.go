package pgxdriver

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"inference-gap/extension-sql/catalogue"
)

// database is what all connections of this process to one database, as one user, share.
type database struct {
	types *typeStore
	// turn is taken by the first connection, for the others to wait until it has asked.
	turn     chan struct{}
	isOpened bool
	// mustSet: the server's, the database's or the user's own settings are not those that values are read by.
	mustSet bool
}

var databases = struct { //nolint:gochecknoglobals // shared by all virtual users is the point
	mu  sync.Mutex
	all map[string]*database
}{all: map[string]*database{}}

func databaseOf(config *pgconn.Config) *database {
	key := fmt.Sprintf("%q %d %q %q %q", config.Host, config.Port, config.Database, config.User, config.RuntimeParams)

	databases.mu.Lock()
	defer databases.mu.Unlock()

	one := databases.all[key]
	if one == nil {
		one = &database{types: newTypeStore(), turn: make(chan struct{}, 1)}
		databases.all[key] = one
	}

	return one
}

// opened is called with each new connection, before its first query. Only the first asks, in one round trip; where settings
// have to be changed the others do that, too. It is a part of connecting, and has that one's limit once more.
func (d *database) opened(ctx context.Context, pg *pgconn.PgConn, limit time.Duration) error {
	if limit > 0 {
		var cancel context.CancelFunc

		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}

	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}

	if d.isOpened {
		<-d.turn

		if !d.mustSet {
			return nil
		}

		return restoreSettings(ctx, pg)
	}

	defer func() { <-d.turn }()

	results, err := pg.Exec(ctx, catalogue.Settings+";"+catalogue.Types+catalogue.OfNoTable).ReadAll()
	if pg.IsClosed() {
		return err
	}

	// What answers in another way is no Postgres, or has no catalogue; its values are read as far as that goes.
	d.isOpened = true

	const settings, types, both = 0, 1, 2
	if err != nil || len(results) != both {
		return nil //nolint:nilerr // see above
	}

	facts := map[uint32]typeFacts{}
	if readFacts(results[types], facts) != nil {
		return nil
	}

	d.mustSet = len(results[settings].Rows) > 0

	if missing := d.types.unknownOf(facts); len(missing) > 0 {
		d.types.add(facts)

		return d.types.learn(ctx, pg, missing)
	}

	d.types.add(facts)

	return nil
}
