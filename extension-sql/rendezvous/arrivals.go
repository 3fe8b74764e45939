package rendezvous

import (
	"math"
	"math/rand/v2"
	"sync"

	"github.com/grafana/sobek"
	"go.k6.io/k6/js/common"
)

// arrivals is a Poisson process that all virtual users take their requests from; of several k6 that share it, each has every
// n-th of them.
type arrivals struct {
	mu   sync.Mutex
	kind process
	draw *rand.Rand
	// at is when the last one that was drawn is due, in mean gaps.
	at float64
	// skips is how many are others' before the next of ours.
	skips int64
}

// process is what all users must agree on: the seed, and which of how many parts is theirs.
type process struct {
	seed, part, parts int64
}

// stream is any number: it tells these draws from others that are made of the same seed.
const stream = 0x9e3779b97f4a7c15

func newArrivals(kind process) *arrivals {
	draw := rand.New(rand.NewPCG(uint64(kind.seed), stream)) //nolint:gosec // repeatable on purpose

	return &arrivals{kind: kind, draw: draw, skips: kind.part}
}

// next takes one: the gaps of a Poisson process are exponential, and each is independent of those before.
func (a *arrivals) next() float64 {
	a.mu.Lock()
	defer a.mu.Unlock()

	for range a.skips + 1 {
		a.at += a.draw.ExpFloat64()
	}

	a.skips = a.kind.parts - 1

	return a.at
}

func (r *Root) arrivalsOf(name string, kind process) *arrivals {
	r.mu.Lock()
	defer r.mu.Unlock()

	one, known := r.processes[name]
	if !known {
		one = newArrivals(kind)
		r.processes[name] = one
	}

	return one
}

// whole is an argument of arrival; absent: what is usual.
func (u *user) whole(what string, given sobek.Value, usual, least int64) int64 {
	if usual >= least && common.IsNullish(given) {
		return usual
	}

	value, isNumber := finite(given)
	if !isNumber || value < float64(least) || value != math.Trunc(value) || value > math.MaxInt64 {
		u.refuse("rendezvous.arrival: %s is %v; expected a whole number of %d or more", what, given, least)
	}

	return int64(value)
}

// arrival is rendezvous.arrival(name, seed, part, parts): the same seed gives the same process under every name.
func (u *user) arrival(call sobek.FunctionCall) sobek.Value {
	name := u.name("arrival", call.Argument(0))
	none := int64(-1)
	kind := process{
		seed:  u.whole("seed", call.Argument(1), none, 0),
		part:  u.whole("part", call.Argument(2), 0, 0),
		parts: u.whole("parts", call.Argument(3), 1, 1),
	}

	if kind.part >= kind.parts {
		u.refuse("rendezvous.arrival: part is %d; expected one below parts, %d", kind.part, kind.parts)
	}

	one := u.root.arrivalsOf(name, kind)
	if one.kind.seed != kind.seed {
		u.refuse("rendezvous.arrival: seed of '%s' is %d, another virtual user said %d", name, kind.seed, one.kind.seed)
	}

	if one.kind != kind {
		u.refuse("rendezvous.arrival: part of '%s' is %d of %d, another virtual user said %d of %d",
			name, kind.part, kind.parts, one.kind.part, one.kind.parts)
	}

	return u.vu.Runtime().ToValue(one.next())
}
