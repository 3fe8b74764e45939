package recorder

import (
	"math"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const (
	// lowest and highest latency that the histogram tells apart, in nanoseconds; longer ones are clamped and counted.
	lowest  = 64
	highest = int64(60 * time.Second)
	// digits gives 3 significant digits: a percentile is off by at most 0.1 %.
	digits = 3

	sliceWidth = 100 * time.Millisecond
	// maxLabels bounds what a target can make the recorder remember.
	maxLabels = 256
	otherName = "(others)"
)

// outcome holds the latencies of the requests that ended alike. The histogram is made with the first of them.
type outcome struct {
	histogram *hdrhistogram.Histogram
	count     int64
	sum       float64 // nanoseconds
	sumSquare float64
	min, max  time.Duration
}

func (o *outcome) add(latency time.Duration) (overflow bool) {
	if o.histogram == nil {
		o.histogram = hdrhistogram.New(lowest, highest, digits)
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

	_ = o.histogram.RecordValue(value) // cannot fail below highest

	return overflow
}

func (o *outcome) mean() float64 {
	return o.sum / float64(o.count)
}

func (o *outcome) deviation() float64 {
	if o.count < 2 {
		return 0
	}

	mean := o.mean()

	return math.Sqrt(max(0, o.sumSquare/float64(o.count)-mean*mean) * float64(o.count) / float64(o.count-1))
}

// series is one block of one target, shared by all virtual users that work on it.
//
// A mutex is enough: it is held for some 100 ns, a thousandth of the fastest request.
type series struct {
	target, block string
	// from and to bound the steady window, on the process's clock; to is 0 where there is no end.
	from, to time.Duration

	mu          sync.Mutex
	clients     int
	ok, failed  outcome
	outside     int64
	overflow    int64
	slices      []int64
	labels      map[string]int64
	first, last time.Duration
}

// join counts a virtual user in. Returns its position among those of the series, from 0.
func (s *series) join() int {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.clients++

	return s.clients - 1
}

// record counts a request that finished at `end`.
func (s *series) record(end, latency time.Duration, ok bool, label string) {
	s.mu.Lock()
	defer s.mu.Unlock()

	if end < s.from || s.to > 0 && end >= s.to {
		s.outside++

		return
	}

	if s.ok.count+s.failed.count == 0 {
		s.first = end
	}

	s.last = max(s.last, end)

	into := &s.ok
	if !ok {
		into = &s.failed
	}

	if into.add(latency) {
		s.overflow++
	}

	if !ok {
		return
	}

	start := s.from
	if start == 0 {
		start = s.first
	}

	index := int((end - start) / sliceWidth)
	for index >= len(s.slices) {
		s.slices = append(s.slices, 0)
	}

	s.slices[max(0, index)]++

	if label != "" {
		if _, known := s.labels[label]; !known && len(s.labels) >= maxLabels {
			label = otherName
		}

		s.labels[label]++
	}
}

// window is the time in which requests were counted.
func (s *series) window() time.Duration {
	if s.to > 0 {
		return s.to - s.from
	}

	return s.last - max(s.from, s.first)
}
