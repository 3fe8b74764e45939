package recorder

import (
	"math"
	"time"
)

// outcome holds the latencies of the requests that ended alike. Its figures other than percentiles are exact.
type outcome struct {
	histogram *histogram // nil: none yet
	count     int64
	sum       float64 // nanoseconds
	sumSquare float64
	min, max  time.Duration
}

func (o *outcome) add(latency time.Duration) (overflow bool) {
	if o.count == 0 {
		o.histogram = &histogram{}
		o.min = latency
	}

	o.count++
	o.sum += float64(latency)
	o.sumSquare += float64(latency) * float64(latency)
	o.min = min(o.min, latency)
	o.max = max(o.max, latency)

	value := int64(latency)
	if value > highest {
		value, overflow = highest, true
	}

	o.histogram.add(value)

	return overflow
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
	o.count += other.count
	o.sum += other.sum
	o.sumSquare += other.sumSquare
	o.min = min(o.min, other.min)
	o.max = max(o.max, other.max)
}

func (o *outcome) pack() {
	if o.histogram != nil {
		o.histogram.pack()
	}
}

func (o *outcome) mean() float64 {
	return o.sum / float64(o.count)
}

// deviation is that of a sample (n − 1); 0 for a single latency.
func (o *outcome) deviation() float64 {
	if o.count < 2 {
		return 0
	}

	mean := o.mean()

	return math.Sqrt(max(0, o.sumSquare/float64(o.count)-mean*mean) * float64(o.count) / float64(o.count-1))
}
