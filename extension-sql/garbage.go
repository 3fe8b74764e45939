package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// mostPercent lets the heap grow to five times what lives before Go collects it, for either target alike. With Go's
	// own 100 k6 spends about a tenth of its processor time on collecting (4 clients, one-row queries), which it takes from
	// the servers that it measures on the same machine.
	mostPercent = 400
	// leastPercent is Go's own.
	leastPercent = 100
	// heapRoom is what the heap may grow by over what lives, at mostPercent and below; the percent falls so that it stays so, down
	// to leastPercent. What was measured lives to the end, so that each hour adds to what lives: a share of that would be many
	// times as much again.
	heapRoom = 112 << 20
)

// GOGC or GOMEMLIMIT, where set, decide instead.
func init() { //nolint:gochecknoinits // k6 has its own main
	_, percent := os.LookupEnv("GOGC")
	_, limit := os.LookupEnv("GOMEMLIMIT")

	if !percent && !limit {
		debug.SetGCPercent(mostPercent)
		runtime.SetFinalizer(&collected{percent: mostPercent}, (*collected).again)
	}
}

// collected is garbage at once, so that its finalizer runs after each collection.
type collected struct {
	percent int
	// Go puts smaller objects together, and such a one's finalizer may never run.
	_ [24]byte
}

func (c *collected) again() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)

	// Setting it stops the world for a moment: not for a trifle.
	if wanted := percentFor(live[0].Value.Uint64()); abs(wanted-c.percent) > wanted/10 {
		debug.SetGCPercent(wanted)

		c.percent = wanted
	}

	runtime.SetFinalizer(c, (*collected).again)
}

// percentFor tells by how much the heap may grow over so many bytes that live.
func percentFor(live uint64) int {
	if live == 0 {
		return mostPercent
	}

	return int(min(max(heapRoom*100/live, leastPercent), mostPercent))
}

func abs(number int) int {
	return max(number, -number)
}
