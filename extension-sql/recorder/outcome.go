package recorder

import (
	"math"
	"time"
)

// outcome holds the latencies of the requests that ended alike. Its figures other than percentiles are exact, as far as
// 64-bit floats are: Welford's way keeps what latencies differ by, however long they are beside it.
type outcome struct {
	histogram *histogram // nil: none yet
	count     int64
	mean      float64 // nanoseconds
	squares   float64 // the sum of the squares of what latencies differ from their mean
	min, max  time.Duration
}

// add counts a latency; one longer than the histogram reaches is counted there as its longest.
func (o *outcome) add(latency time.Duration) {
	if o.count == 0 {
		o.histogram = &histogram{}
		o.min = latency
	}

	o.count++
	fromMean := float64(latency) - o.mean
	o.mean += fromMean / float64(o.count)
	o.squares += fromMean * (float64(latency) - o.mean)
	o.min = min(o.min, latency)
	o.max = max(o.max, latency)

	o.histogram.add(min(int64(latency), highest))
}

func (o *outcome) merge(other *outcome) {
	if other.count == 0 {
		return
	}

	if o.count == 0 {
		o.histogram = &histogram{}
		o.min = other.min
	}

	o.histogram.merge(other.histogram)
	// The two means, weighed by their counts; beside what each side varies by itself, the sides differ from each other.
	apart := other.mean - o.mean
	share := float64(other.count) / float64(o.count+other.count)
	o.mean += apart * share
	o.squares += other.squares + apart*apart*share*float64(o.count)
	o.count += other.count
	o.min = min(o.min, other.min)
	o.max = max(o.max, other.max)
}

func (o *outcome) pack() {
	if o.histogram != nil {
		o.histogram.pack()
	}
}

// deviation is that of a sample (n − 1), which a single latency does not have: NaN.
func (o *outcome) deviation() float64 {
	if o.count < 2 {
		return math.NaN()
	}

	return math.Sqrt(o.squares / float64(o.count-1))
}
