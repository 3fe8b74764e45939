// Package pgxdriver is an xk6-sql driver over pgx's protocol layer (pgconn), registered as "pgx".
//
// It exists because xk6-sql has no prepare(), and the stock driver (lib/pq) needs two round trips for a query with
// parameters. Here each text is prepared once a connection and then takes one, as in `pgbench -M prepared`.
package pgxdriver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"strconv"
	"time"

	xk6sql "github.com/grafana/xk6-sql/sql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"inference-gap/extension-sql/line"
)

// Name is the driver's name for database/sql and the last part of its import path in scripts.
const Name = "pgx"

func init() { //nolint:gochecknoinits // how xk6-sql learns of drivers
	sql.Register(Name, pgDriver{})
	xk6sql.RegisterModule(Name)
}

// QueryMode says how a query reaches the server; the names are pgbench's.
type QueryMode string

const (
	// Simple sends one text with the parameters written into it (simple query protocol).
	Simple QueryMode = "simple"
	// Extended parses, binds and executes an unnamed statement each time, in one round trip.
	Extended QueryMode = "extended"
	// Prepared parses a text once a connection, then binds and executes it in one round trip.
	Prepared QueryMode = "prepared"
)

// modeParameter is read from the connection string and not passed on to the server.
const modeParameter = "query_mode"

// timeoutParameter is how many seconds a query may take, as text; likewise. Absent: as long as it takes.
const timeoutParameter = "query_timeout"

type pgDriver struct{}

// Open is database/sql's older way in.
func (d pgDriver) Open(dsn string) (driver.Conn, error) {
	c, err := d.OpenConnector(dsn)
	if err != nil {
		return nil, err
	}

	return c.Connect(context.Background())
}

// OpenConnector parses the connection string once for all connections of a pool.
func (d pgDriver) OpenConnector(dsn string) (driver.Connector, error) {
	dsn, err := readable(dsn)
	if err != nil {
		return nil, err
	}

	config, err := pgconn.ParseConfig(dsn)
	if err != nil {
		return nil, refusal(err)
	}

	mode := Prepared
	if given, found := take(config, modeParameter); found {
		mode = QueryMode(given)
	}

	switch mode {
	case Simple, Extended, Prepared:
	default:
		return nil, fmt.Errorf("%s in the connection string is %q; expected %s, %s or %s",
			modeParameter, mode, Simple, Extended, Prepared)
	}

	size := 0

	if given, found := take(config, poolParameter); found {
		if size, err = poolSize(given); err != nil {
			return nil, err
		}
	}

	timeout := time.Duration(0)

	if given, found := take(config, timeoutParameter); found {
		seconds, err := strconv.ParseUint(given, 10, 16)
		if err != nil || seconds == 0 {
			return nil, fmt.Errorf("%s in the connection string is %q; expected a whole number of seconds of at least 1",
				timeoutParameter, given)
		}

		timeout = time.Duration(seconds) * time.Second
	}

	// What the conversions of this package rely on.
	config.RuntimeParams["datestyle"] = "ISO"
	config.RuntimeParams["client_encoding"] = "UTF8"
	if _, found := config.RuntimeParams["application_name"]; !found {
		config.RuntimeParams["application_name"] = "k6"
	}

	config.DialFunc = line.Dial(config.DialFunc)

	return connector{dsn: dsn, config: config, mode: mode, pool: size, timeout: timeout}, nil
}

// take is a parameter of the connection string that is ours: the server is not told of it.
func take(config *pgconn.Config, name string) (given string, found bool) {
	given, found = config.RuntimeParams[name]
	delete(config.RuntimeParams, name)

	return given, found
}

type connector struct {
	dsn    string
	config *pgconn.Config
	mode   QueryMode
	// pool is the number of connections that all users of this string share; 0: each has its own.
	pool int
	// timeout of a query; 0: none.
	timeout time.Duration
}

func (c connector) Driver() driver.Driver {
	return pgDriver{}
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	if c.pool > 0 {
		return &pooledConn{pool: joinPool(c.dsn, c.pool, c.connect)}, nil
	}

	return c.connect(ctx)
}

func (c connector) connect(ctx context.Context) (*conn, error) {
	ctx, release := attach(ctx)
	defer release()

	// As database/sql has it: the end is said plainly, not as a failure to connect.
	if err := ctx.Err(); err != nil {
		return nil, err
	}

	var before *answers

	config := c.config.Copy()
	build := config.BuildFrontend
	config.BuildFrontend = func(from io.Reader, to io.Writer) *pgproto3.Frontend {
		before = &answers{from: from}

		return build(before, to)
	}

	pg, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}

	shared := databaseOf(config)
	if err := shared.opened(ctx, pg, config.ConnectTimeout); err != nil {
		closing, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()

		_ = pg.Close(closing)

		return nil, err
	}

	made := newConn(pg, before, c.mode, shared.types)
	made.timeout = c.timeout

	return made, nil
}
