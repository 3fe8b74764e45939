// Command k6 is k6 with everything that the scenarios import: xk6-sql, the pgx driver, keep-alive POSTs, the clock, the recorder and the rendezvous.
//
// It is what the xk6 tool would generate, written down so that go.mod and go.sum pin all of it; xk6-sql is registered by
// sqlmodule.
package main

import (
	"go.k6.io/k6/cmd"

	_ "inference-gap/extension-sql/clock"
	_ "inference-gap/extension-sql/pgxdriver"
	_ "inference-gap/extension-sql/recorder"
	_ "inference-gap/extension-sql/rendezvous"
	_ "inference-gap/extension-sql/request"
	_ "inference-gap/extension-sql/sqlmodule"
)

func main() {
	cmd.Execute()
}
