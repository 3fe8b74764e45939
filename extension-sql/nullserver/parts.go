package main

import (
	"container/heap"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Most of what may be given, so that sums of times stay far from overflow.
const (
	mostMilliseconds = 600_000
	mostPerSecond    = 1e6
	mostServers      = 10_000
)

func milliseconds(value float64) time.Duration {
	return time.Duration(math.Round(value * float64(time.Millisecond)))
}

// positive checks a number above 0 and up to most.
func positive(path string, value, most float64) error {
	if value > 0 && value <= most {
		return nil
	}

	return fmt.Errorf("%s: %v; expected a number above 0 and up to %v", path, value, most)
}

func firstOf(problems ...error) error {
	for _, one := range problems {
		if one != nil {
			return one
		}
	}

	return nil
}

// limitConfiguration is a hard limit of the rate: a bucket that holds as many tokens as a burst has, begins full, and gets perSecond
// tokens in a second, evenly. A request takes one; where there is none it is refused at once.
type limitConfiguration struct {
	PerSecond float64 `json:"perSecond"`
	Burst     int     `json:"burst"`
}

func (c *limitConfiguration) check() error {
	if err := positive("perSecond", c.PerSecond, mostPerSecond); err != nil {
		return err
	}

	if c.Burst < 1 || c.Burst > mostPerSecond {
		return fmt.Errorf("burst: %d; expected a whole number from 1 to %v", c.Burst, mostPerSecond)
	}

	return nil
}

func (c *limitConfiguration) part() part {
	token := time.Duration(math.Round(float64(time.Second) / c.PerSecond))

	return &limit{token: token, most: time.Duration(c.Burst-1) * token}
}

// limit keeps the time at which the bucket will be full: it is that much short of tokens.
type limit struct {
	token, most, full time.Duration
}

func (l *limit) pass(arrived, reached time.Duration) (time.Duration, bool) {
	full := max(l.full, arrived)
	if full-arrived > l.most {
		return 0, false
	}

	l.full = full + l.token

	return reached, true
}

// queueConfiguration is a queue before some servers that are alike.
type queueConfiguration struct {
	Kind    string               `json:"kind"`
	Servers int                  `json:"servers"`
	Service serviceConfiguration `json:"service"`
	// Seed of the service times, which are drawn in the order of arrivals.
	Seed uint64 `json:"seed"`
}

type serviceConfiguration struct {
	Distribution string  `json:"distribution"`
	MeanMs       float64 `json:"meanMs"`
}

// distributions draw with mean 1.
var distributions = map[string]func(*rand.Rand) float64{ //nolint:gochecknoglobals // a table
	"deterministic": func(*rand.Rand) float64 { return 1 },
	"exponential":   (*rand.Rand).ExpFloat64,
	"uniform":       func(draw *rand.Rand) float64 { return 2 * draw.Float64() },
}

func (c *queueConfiguration) check() error {
	if c.Kind != "fcfs" {
		return fmt.Errorf("kind: %q; expected \"fcfs\", first come, first served", c.Kind)
	}

	if c.Servers < 1 || c.Servers > mostServers {
		return fmt.Errorf("servers: %d; expected a whole number from 1 to %d", c.Servers, mostServers)
	}

	if _, isKnown := distributions[c.Service.Distribution]; !isKnown {
		return fmt.Errorf("service.distribution: %q; expected one of %q", c.Service.Distribution, slices.Sorted(maps.Keys(distributions)))
	}

	return positive("service.meanMs", c.Service.MeanMs, mostMilliseconds)
}

func (c *queueConfiguration) part() part {
	draw, source := distributions[c.Service.Distribution], rand.New(rand.NewPCG(c.Seed, 0)) //nolint:gosec // no secret

	return &queue{free: make(earliest, c.Servers), service: func() time.Duration {
		return milliseconds(draw(source) * c.Service.MeanMs)
	}}
}

// queue is first come, first served (Kiefer and Wolfowitz 1955): the next to be served goes to the server that is free first.
type queue struct {
	// free is when each server will be.
	free    earliest
	service func() time.Duration
}

func (q *queue) pass(_, reached time.Duration) (time.Duration, bool) {
	leaves := max(reached, q.free[0]) + q.service()
	q.free[0] = leaves
	heap.Fix(&q.free, 0)

	return leaves, true
}

// earliest is a heap of times.
type earliest []time.Duration

func (e earliest) Len() int           { return len(e) }
func (e earliest) Less(i, j int) bool { return e[i] < e[j] }
func (e earliest) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }

// Push and Pop are never called: there are as many servers at the end as in the beginning.
func (*earliest) Push(any) {}

// Pop is that of heap.Interface.
func (*earliest) Pop() any { return nil }

// cliffConfiguration is a latency that jumps: an answer takes AboveMs where with its request more arrived within the last window
// than PerSecond allows, and BelowMs else.
type cliffConfiguration struct {
	PerSecond float64 `json:"perSecond"`
	WindowMs  float64 `json:"windowMs"`
	BelowMs   float64 `json:"belowMs"`
	AboveMs   float64 `json:"aboveMs"`
}

func (c *cliffConfiguration) allowed() float64 { return c.PerSecond * c.WindowMs / 1000 }

func (c *cliffConfiguration) check() error {
	if err := firstOf(positive("perSecond", c.PerSecond, mostPerSecond), positive("windowMs", c.WindowMs, mostMilliseconds)); err != nil {
		return err
	}

	const nearly = 1e-6
	if allowed := c.allowed(); allowed < 1-nearly || math.Abs(allowed-math.Round(allowed)) > nearly {
		return fmt.Errorf("windowMs: %v; expected that a whole number of requests at %v a second fits in, not %v", c.WindowMs, c.PerSecond, allowed)
	}

	if c.BelowMs < 0 || c.BelowMs > mostMilliseconds {
		return fmt.Errorf("belowMs: %v; expected a number from 0 to %d", c.BelowMs, mostMilliseconds)
	}

	if c.AboveMs <= c.BelowMs || c.AboveMs > mostMilliseconds {
		return fmt.Errorf("aboveMs: %v; expected a number above belowMs, %v, and up to %d", c.AboveMs, c.BelowMs, mostMilliseconds)
	}

	return nil
}

func (c *cliffConfiguration) part() part {
	window := milliseconds(c.WindowMs)

	last := make([]time.Duration, int(math.Round(c.allowed())))
	for i := range last {
		last[i] = -window
	}

	return &cliff{last: last, window: window, below: milliseconds(c.BelowMs), above: milliseconds(c.AboveMs)}
}

type cliff struct {
	// last are when as many as are allowed in a window arrived, the earliest at next.
	last []time.Duration
	next int

	window, below, above time.Duration
}

func (c *cliff) pass(arrived, reached time.Duration) (time.Duration, bool) {
	earliest := c.last[c.next]
	c.last[c.next] = arrived
	c.next = (c.next + 1) % len(c.last)

	if arrived-earliest < c.window {
		return reached + c.above, true
	}

	return reached + c.below, true
}

// stallConfiguration is a server that answers nobody in the first ForMs of each period of EveryMs, but serves on: what would leave
// then leaves at the end of the stall.
type stallConfiguration struct {
	EveryMs float64 `json:"everyMs"`
	ForMs   float64 `json:"forMs"`
}

func (c *stallConfiguration) check() error {
	if err := positive("everyMs", c.EveryMs, mostMilliseconds); err != nil {
		return err
	}

	if c.ForMs <= 0 || c.ForMs >= c.EveryMs {
		return fmt.Errorf("forMs: %v; expected a number above 0 and below everyMs, %v", c.ForMs, c.EveryMs)
	}

	return nil
}

func (c *stallConfiguration) part() part {
	return stall{every: milliseconds(c.EveryMs), lasts: milliseconds(c.ForMs)}
}

type stall struct{ every, lasts time.Duration }

func (s stall) pass(_, reached time.Duration) (time.Duration, bool) {
	return reached + max(0, s.lasts-reached%s.every), true
}
