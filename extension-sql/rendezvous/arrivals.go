package rendezvous

import (
	"math"
	"math/rand/v2"
	"sync"

	"github.com/grafana/sobek"
)

// arrivals is a Poisson process that all virtual users take their requests from.
type arrivals struct {
	mu   sync.Mutex
	seed uint64
	draw *rand.Rand
	// at is when the last one that was taken is due, in mean gaps.
	at float64
}

// stream is any number: it tells these draws from others that are made of the same seed.
const stream = 0x9e3779b97f4a7c15

func newArrivals(seed uint64) *arrivals {
	return &arrivals{seed: seed, draw: rand.New(rand.NewPCG(seed, stream))} //nolint:gosec // repeatable on purpose
}

// next takes one: the gaps of a Poisson process are exponential, and each is independent of those before.
func (a *arrivals) next() float64 {
	a.mu.Lock()
	defer a.mu.Unlock()

	a.at += a.draw.ExpFloat64()

	return a.at
}

func (r *Root) arrivalsOf(name string, seed uint64) *arrivals {
	r.mu.Lock()
	defer r.mu.Unlock()

	one, known := r.processes[name]
	if !known {
		one = newArrivals(seed)
		r.processes[name] = one
	}

	return one
}

// arrival is rendezvous.arrival(name, seed): the same seed gives the same process under every name.
func (u *user) arrival(call sobek.FunctionCall) sobek.Value {
	name := u.name("arrival", call.Argument(0))

	seed, isNumber := finite(call.Argument(1))
	if !isNumber || seed < 0 || seed != math.Trunc(seed) || seed > math.MaxInt64 {
		u.refuse("rendezvous.arrival: seed is %v; expected a whole number of 0 or more", call.Argument(1))
	}

	one := u.root.arrivalsOf(name, uint64(seed))
	if one.seed != uint64(seed) {
		u.refuse("rendezvous.arrival: seed of '%s' is %v, another virtual user said %d", name, call.Argument(1), one.seed)
	}

	return u.vu.Runtime().ToValue(one.next())
}
