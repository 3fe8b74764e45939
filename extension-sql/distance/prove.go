package main

import (
	"encoding/json"
	"fmt"
	"math"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// prover asks somebody who answers at once, directly and by a link: the difference is what is added.
type prover struct {
	mu   sync.Mutex
	way  *way
	near net.Conn
	far  net.Conn
	// wanted is the round trip that was asked for last.
	wanted time.Duration
}

func newProver(way *way) (*prover, error) {
	echo, err := net.Listen("tcp", anyPort)
	if err != nil {
		return nil, err
	}

	link, err := net.Listen("tcp", anyPort)
	if err != nil {
		return nil, err
	}

	go answer(echo)
	go enter(link, echo.Addr().String(), way)

	near, err := net.Dial("tcp", echo.Addr().String())
	if err != nil {
		return nil, err
	}

	far, err := net.Dial("tcp", link.Addr().String())

	return &prover{way: way, near: near, far: far}, err
}

// answer gives back each byte.
func answer(listener net.Listener) {
	for {
		one, err := listener.Accept()
		if err != nil {
			return
		}

		go func() {
			room := make([]byte, 1)

			for {
				if _, err := one.Read(room); err != nil {
					return
				}

				if _, err := one.Write(room); err != nil {
					return
				}
			}
		}()
	}
}

// Each is asked so often for a proof, and less often where that takes too long. The first tenth is left out: of it nothing is known yet.
const (
	asked    = 330
	least    = 11
	patience = time.Second
	tenth    = 10
)

func roundTrip(connection net.Conn, room []byte) (time.Duration, error) {
	began := time.Now()

	if _, err := connection.Write(room); err != nil {
		return 0, err
	}

	_, err := connection.Read(room)

	return time.Since(began), err
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)

	return times[len(times)/2]
}

// added is what a link adds now, in turn with what there is without it.
func (p *prover) added() (time.Duration, error) {
	var near, far []time.Duration

	room := make([]byte, 1)

	for began := time.Now(); len(far) < least || len(far) < asked && time.Since(began) < patience; {
		one, err := roundTrip(p.near, room)
		if err != nil {
			return 0, err
		}

		other, err := roundTrip(p.far, room)
		if err != nil {
			return 0, err
		}

		near, far = append(near, one), append(far, other)
	}

	unused := len(far) / tenth

	return median(far[unused:]) - median(near[unused:]), nil
}

// proofs are looked at together: in one moment a machine's timers may all be late. Where each takes long there are fewer.
const proofs = 5

// proven is what a link adds now, by the middle one of several proofs.
func (p *prover) proven() (time.Duration, error) {
	var found []time.Duration

	for began := time.Now(); len(found) == 0 || len(found) < proofs && time.Since(began) < patience; {
		added, err := p.added()
		if err != nil {
			return 0, err
		}

		found = append(found, added)
	}

	return median(found), nil
}

// adjustments are how often at the most what is held is set right by what was added, while that is off by more than a part
// of it.
const (
	adjustments = 3
	part        = 200
)

func (p *prover) set(roundTrip, jitter time.Duration) (time.Duration, error) {
	p.wanted = roundTrip
	p.way.jitter.Store(int64(jitter) / 2) // it comes twice
	p.way.late.Store(0)
	p.way.hold.Store(0)

	own, err := p.added()
	if err != nil {
		return 0, err
	}

	// What passing through takes by itself is not held besides. It is the greater part of what is known; the rest is set right in
	// small steps, for a busy machine finds now this and now that.
	first := max(0, int64(p.wanted-own)/2)
	p.way.hold.Store(first)

	added, err := p.added()

	for turn := 0; turn < adjustments && err == nil && (p.wanted-added).Abs() > p.wanted/part; turn++ {
		missing := min(max(int64(p.wanted-added)/4, -first/8), first/8)
		p.way.hold.Store(p.way.hold.Load() + missing)
		added, err = p.added()
	}

	if err != nil {
		return 0, err
	}

	return p.proven()
}

type wanted struct {
	RoundTripMs float64 `json:"roundTripMs"`
	JitterMs    float64 `json:"jitterMs"`
}

const mostMs = 10_000

func (w wanted) check() error {
	for name, ms := range map[string]float64{"roundTripMs": w.RoundTripMs, "jitterMs": w.JitterMs} {
		if math.IsNaN(ms) || ms < 0 || ms > mostMs {
			return fmt.Errorf("%s: %v; expected milliseconds from 0 to %d", name, ms, mostMs)
		}
	}

	return nil
}

func inNanoseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// controlOf answers the one who has started this.
func controlOf(p *prover) http.Handler {
	control := http.NewServeMux()
	tell := func(to http.ResponseWriter, work func() (time.Duration, error)) {
		p.mu.Lock()
		defer p.mu.Unlock()

		added, err := work()
		if err != nil {
			http.Error(to, err.Error(), http.StatusInternalServerError)

			return
		}

		to.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(to).Encode(map[string]float64{"addedMs": float64(added) / float64(time.Millisecond)})
	}

	control.HandleFunc("POST /set", func(to http.ResponseWriter, request *http.Request) {
		var given wanted
		if err := json.NewDecoder(request.Body).Decode(&given); err != nil {
			http.Error(to, err.Error(), http.StatusBadRequest)

			return
		}

		if err := given.check(); err != nil {
			http.Error(to, err.Error(), http.StatusBadRequest)

			return
		}

		tell(to, func() (time.Duration, error) {
			return p.set(inNanoseconds(given.RoundTripMs), inNanoseconds(given.JitterMs))
		})
	})
	control.HandleFunc("POST /prove", func(to http.ResponseWriter, _ *http.Request) { tell(to, p.proven) })

	return control
}
