// Command k6 is what an xk6-sql user has without us: k6 and xk6-sql in the versions that bin/k6 is made of, with the driver
// that xk6-sql's own documentation names for Postgres, lib/pq.
//
// It is what the xk6 tool would generate. For comparison only; nothing else uses it.
package main

import (
	xk6sql "github.com/grafana/xk6-sql/sql"
	"go.k6.io/k6/cmd"

	_ "github.com/grafana/xk6-sql"
	_ "github.com/lib/pq"
)

func init() { //nolint:gochecknoinits // how xk6-sql learns of drivers
	xk6sql.RegisterModule("postgres")
}

func main() {
	cmd.Execute()
}
