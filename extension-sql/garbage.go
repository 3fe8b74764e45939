package main

import (
	"os"
	"runtime/debug"
)

// garbagePercent lets the heap grow to five times what lives before Go collects it, for either target alike. With Go's
// own 100 k6 spends about a tenth of its processor time on collecting (4 clients, one-row queries), which it takes from
// the servers that it measures on the same machine. GOGC or GOMEMLIMIT, where set, decide instead.
const garbagePercent = 400

func init() { //nolint:gochecknoinits // k6 has its own main
	_, percent := os.LookupEnv("GOGC")
	_, limit := os.LookupEnv("GOMEMLIMIT")

	if !percent && !limit {
		debug.SetGCPercent(garbagePercent)
	}
}
