package main

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"inference-gap/extension-sql/pgxdriver"
)

// paceOf is that of a listener with these keys besides.
func paceOf(t *testing.T, keys string) *pace {
	t.Helper()

	return newPace(configuration(t, `{ "protocol": "http", "status": 200, `+keys+` }`).paceConfiguration)
}

// leave are the milliseconds at which who arrives at these leaves; -1 for who is refused.
func leave(t *testing.T, keys string, arrivals ...float64) []float64 {
	t.Helper()

	keeps := paceOf(t, keys)
	left := make([]float64, len(arrivals))

	for i, at := range arrivals {
		leaves, isAdmitted := keeps.admitAt(milliseconds(at))
		if left[i] = -1; isAdmitted {
			left[i] = float64(leaves) / float64(time.Millisecond)
		}
	}

	return left
}

func TestNothingGivenIsNoPace(t *testing.T) {
	require.Nil(t, newPace(constant("http").paceConfiguration))
}

func TestWhenAnswersLeave(t *testing.T) {
	const twoServers = `"queue": { "kind": "fcfs", "servers": 2, "service": { "distribution": "deterministic", "meanMs": 4 } }`

	for name, one := range map[string]struct {
		keys               string
		arrivals, expected []float64
	}{
		"the server that is free first":      {twoServers, []float64{0, 1, 2, 3, 20}, []float64{4, 5, 8, 9, 24}},
		"a bucket that fills":                {`"limit": { "perSecond": 100, "burst": 2 }`, []float64{0, 1, 2, 9.9, 10, 11, 20, 99, 99, 99}, []float64{0, 1, -1, -1, 10, -1, 20, 99, 99, -1}},
		"more in a window than are allowed":  {`"cliff": { "perSecond": 200, "windowMs": 10, "belowMs": 1, "aboveMs": 50 }`, []float64{0, 5, 9.9, 15, 25, 26, 27}, []float64{1, 6, 59.9, 16, 26, 27, 77}},
		"the end of a stall":                 {`"stall": { "everyMs": 100, "forMs": 10 }`, []float64{0, 9, 10, 99, 105}, []float64{10, 10, 10, 99, 110}},
		"a stall holds who leaves the queue": {twoServers + `, "stall": { "everyMs": 100, "forMs": 10 }`, []float64{50, 97, 97, 98}, []float64{54, 110, 110, 110}},
		"who is refused takes no server":     {twoServers + `, "limit": { "perSecond": 100, "burst": 1 }`, []float64{0, 0, 0, 10}, []float64{4, -1, -1, 14}},
	} {
		t.Run(name, func(t *testing.T) {
			require.InDeltaSlice(t, one.expected, leave(t, one.keys, one.arrivals...), 1e-9)
		})
	}
}

// The same seed gives the same service times, another one others; their mean and spread are those of the distribution.
func TestServiceTimes(t *testing.T) {
	const many = 200_000

	alone := make([]float64, many)
	for i := range alone {
		alone[i] = float64(i) * 1000
	}

	for name, deviation := range map[string]float64{"deterministic": 0, "exponential": 5, "uniform": 5 / math.Sqrt(3)} {
		keys := fmt.Sprintf(
			`"queue": { "kind": "fcfs", "servers": 1, "service": { "distribution": %q, "meanMs": 5 }, "seed": 7 }`, name)
		times := leave(t, keys, alone...)
		require.Equal(t, times, leave(t, keys, alone...), name)

		if other := leave(t, strings.Replace(keys, "7", "8", 1), alone...); deviation > 0 {
			require.NotEqual(t, times, other, name)
		}

		var sum, squares float64

		for i, at := range times {
			sum += at - alone[i]
			squares += (at - alone[i] - 5) * (at - alone[i] - 5)
		}

		// Six standard errors of the mean of an exponential.
		require.InDelta(t, 5, sum/many, 6*5/math.Sqrt(many), name)
		require.InDelta(t, deviation, math.Sqrt(squares/many), 0.2, name)
	}
}

// M/M/2 at two thirds of its capacity: Erlang C is 8/15, the mean wait that over cμ − λ, here 4 ms (Kleinrock 1975, section 3.5).
func TestMeanWaitOfMM2(t *testing.T) {
	const many = 400_000

	draw, at := rand.New(rand.NewPCG(1, 2)), 0.0

	arrivals := make([]float64, many)
	for i := range arrivals {
		at += draw.ExpFloat64() * 7.5
		arrivals[i] = at
	}

	sum := 0.0
	for i, leaves := range leave(t,
		`"queue": { "kind": "fcfs", "servers": 2, "service": { "distribution": "exponential", "meanMs": 10 }, "seed": 3 }`, arrivals...) {
		sum += leaves - arrivals[i] - 10
	}

	require.InDelta(t, 8.0/15/(2/10.0-1/7.5), sum/many, 0.3)
}

func TestWhatIsNoPace(t *testing.T) {
	for keys, expected := range map[string]string{
		`"queue": {}`: `[0].queue.kind: ""; expected "fcfs"`,
		`"queue": { "kind": "fcfs", "servers": 0 }`:                                           `[0].queue.servers: 0; expected a whole number from 1 to 10000`,
		`"queue": { "kind": "fcfs", "servers": 1, "service": { "distribution": "x" } }`:       `[0].queue.service.distribution: "x"; expected one of ["deterministic" "exponential" "uniform"]`,
		`"queue": { "kind": "fcfs", "servers": 1, "service": { "distribution": "uniform" } }`: `[0].queue.service.meanMs: 0; expected a number above 0 and up to 600000`,
		`"queue": { "length": 1 }`:                                                  `unknown field "length"`,
		`"limit": { "burst": 1 }`:                                                   `[0].limit.perSecond: 0; expected a number above 0`,
		`"limit": { "perSecond": 5 }`:                                               `[0].limit.burst: 0; expected a whole number from 1`,
		`"cliff": { "perSecond": 5 }`:                                               `[0].cliff.windowMs: 0; expected a number above 0`,
		`"cliff": { "perSecond": 5, "windowMs": 100 }`:                              `[0].cliff.windowMs: 100; expected that a whole number of requests at 5 a second fits in, not 0.5`,
		`"cliff": { "perSecond": 50, "windowMs": 100, "belowMs": -1 }`:              `[0].cliff.belowMs: -1; expected a number from 0`,
		`"cliff": { "perSecond": 50, "windowMs": 100, "belowMs": 2, "aboveMs": 2 }`: `[0].cliff.aboveMs: 2; expected a number above belowMs, 2,`,
		`"stall": { "forMs": 1 }`:                                                   `[0].stall.everyMs: 0; expected a number above 0`,
		`"stall": { "everyMs": 10, "forMs": 10 }`:                                   `[0].stall.forMs: 10; expected a number above 0 and below everyMs, 10`,
	} {
		_, err := readConfiguration(strings.NewReader(`[{ "protocol": "http", "status": 200, ` + keys + ` }]`))
		require.ErrorContains(t, err, expected, keys)
	}
}

const oneToken = `"limit": { "perSecond": 0.001, "burst": 1 }`

func TestHTTPRefusesBeyondTheLimit(t *testing.T) {
	configured := configuration(t, `{ "protocol": "http", "status": 200, `+oneToken+` }`)

	address := listening(t, configured)

	for _, status := range []int{http.StatusOK, http.StatusTooManyRequests, http.StatusTooManyRequests} {
		answer, _ := asked(t, address, http.MethodPost, "", "application/json", "[1]")
		require.Equal(t, status, answer.StatusCode)
	}
}

// In each mode the refused question gives its SQLSTATE, and the connection goes on.
func TestPostgresRefusesBeyondTheLimit(t *testing.T) {
	for _, mode := range []string{"simple", "extended", "prepared"} {
		t.Run(mode, func(t *testing.T) {
			address := listening(t, configuration(t, `{ "protocol": "sql", "tag": "SELECT 1", "catalogue": [], `+oneToken+`,
				"columns": [{ "name": "n", "oid": 23, "size": 4, "modifier": -1 }], "rows": [["MQ=="]] }`))

			database, err := sql.Open(pgxdriver.Name, fmt.Sprintf("postgres://me:secret@%s/x?query_mode=%s", address, mode))
			require.NoError(t, err)
			database.SetMaxOpenConns(1)

			defer database.Close()

			var found int

			require.NoError(t, database.QueryRowContext(context.Background(), "SELECT $1::int", 1).Scan(&found))
			require.Equal(t, 1, found)

			for range 2 {
				require.ErrorContains(t, database.QueryRowContext(context.Background(), "SELECT $1::int", 1).Scan(&found), "53300")
			}
		})
	}
}

// No answer leaves before its time.
func TestWaitsForItsTime(t *testing.T) {
	keeps := paceOf(t, `"stall": { "everyMs": 1000, "forMs": 1 }`)
	keeps.waitUntil(5 * time.Millisecond)
	require.GreaterOrEqual(t, time.Since(keeps.began), 5*time.Millisecond)
}

// BenchmarkLateness tells how late answers are ready to leave, at 600 arrivals a second that come by chance, and how much later
// they are there, over HTTP and connections that stay. In microseconds.
func BenchmarkLateness(b *testing.B) {
	all, err := readConfiguration(strings.NewReader(`[{ "protocol": "http", "status": 200,
		"queue": { "kind": "fcfs", "servers": 4, "service": { "distribution": "exponential", "meanMs": 5 }, "seed": 1 } }]`))
	require.NoError(b, err)

	var (
		mu          sync.Mutex
		late, there []float64
		running     sync.WaitGroup
	)

	record := func(to *[]float64, from time.Duration, keeps *pace) {
		by := float64(time.Since(keeps.began)-from) / float64(time.Microsecond)

		mu.Lock()
		defer mu.Unlock()

		*to = append(*to, by)
	}

	keeps := newPace(all[0].paceConfiguration)
	leaves := make([]time.Duration, b.N)

	server := httptest.NewServer(http.HandlerFunc(func(to http.ResponseWriter, question *http.Request) {
		at, _ := keeps.admit()
		keeps.waitUntil(at)
		record(&late, at, keeps)

		var i int

		_, _ = fmt.Sscan(question.URL.Path[1:], &i)
		leaves[i] = at
		_, _ = to.Write(inJSON)
	}))
	defer server.Close()

	client := server.Client()
	client.Transport.(*http.Transport).MaxIdleConnsPerHost = 100 //nolint:forcetypeassert // httptest's own
	draw, next := rand.New(rand.NewPCG(1, 1)), time.Since(keeps.began)

	b.ResetTimer()

	for i := range b.N {
		next += milliseconds(draw.ExpFloat64() * 1000 / 600)
		keeps.waitUntil(next)
		running.Go(func() {
			answer, err := client.Get(fmt.Sprintf("%s/%d", server.URL, i)) //nolint:noctx // ends with the benchmark
			if err == nil {
				record(&there, leaves[i], keeps)
				_ = answer.Body.Close()
			}
		})
	}

	running.Wait()

	for name, values := range map[string][]float64{"late": late, "there": there} {
		slices.Sort(values)

		for _, share := range []float64{0.5, 0.99} {
			b.ReportMetric(values[int(share*float64(len(values)-1))], fmt.Sprintf("µs-%s-p%v", name, share*100))
		}
	}
}
