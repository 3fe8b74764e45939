package recorder

import (
	"reflect"
	"sync"
	"time"

	"go.k6.io/k6/js/modules"
	"go.k6.io/k6/metrics"

	"inference-gap/extension-sql/clock"
)

// requestMetrics are three of a protocol. k6 has those of HTTP already; those of SQL mirror them.
type requestMetrics struct {
	duration, requests, failed *metrics.Metric
}

// protocols that a series can have its samples in.
var protocols = []string{"http", "sql"} //nolint:gochecknoglobals // immutable

func registerMetrics(registry *metrics.Registry, protocol string) requestMetrics {
	return requestMetrics{
		duration: registry.MustNewMetric(protocol+"_req_duration", metrics.Trend, metrics.Time),
		requests: registry.MustNewMetric(protocol+"_reqs", metrics.Counter),
		failed:   registry.MustNewMetric(protocol+"_req_failed", metrics.Rate),
	}
}

// sampler gives k6 the samples of one side of one virtual user, many requests at once.
type sampler struct {
	vu        modules.VU
	metrics   requestMetrics
	side      string
	collector *collector

	// joined: the collector knows of this one. batched: and will come for what is pending.
	joined, batched bool

	// The virtual user's tags change between scenarios, not between requests.
	seen, withSide *metrics.TagSet

	mu      sync.Mutex
	pending *batch // not yet given to k6; nil: nothing is
}

// mostPending bounds what a virtual user keeps from k6 between two rounds of the collector.
const mostPending = 512

// push takes note of a request that ended at `end`. It must not be called in the init context.
func (s *sampler) push(end, latency time.Duration, ok bool) {
	// As k6 itself: what happens after the end of an iteration's time is not measured.
	if s.vu.Context().Err() != nil {
		return
	}

	state := s.vu.State()
	current := state.Tags.GetCurrentValues()

	if s.seen != current.Tags {
		s.seen, s.withSide = current.Tags, current.Tags.With("side", s.side)
	}

	if !s.joined {
		s.joined, s.batched = true, s.collector.join(s, s.vu.Events())
	}

	s.mu.Lock()

	var full *batch
	if s.pending != nil && !s.pending.takes(s.withSide, current.Metadata) {
		full, s.pending = s.pending, nil
	}

	if s.pending == nil {
		s.pending = &batch{metrics: s.metrics, to: state.Samples, tags: s.withSide, metadata: current.Metadata}
	}

	s.pending.requests = append(s.pending.requests, request{end, latency, ok})
	s.mu.Unlock()

	if full != nil {
		full.to <- full
	}

	if !s.batched {
		one := s.take()
		one.to <- one
	}
}

// take gives what is pending, and forgets it.
func (s *sampler) take() *batch {
	s.mu.Lock()
	defer s.mu.Unlock()

	taken := s.pending
	s.pending = nil

	return taken
}

// request is one that has ended.
type request struct {
	end, latency time.Duration
	ok           bool
}

// batch is many requests with the same tags: one container for k6, which makes three samples of each request only where
// somebody looks at them.
type batch struct {
	metrics  requestMetrics
	to       chan<- metrics.SampleContainer
	tags     *metrics.TagSet
	metadata map[string]string // k6 replaces the map where it changes
	requests []request

	once    sync.Once
	samples []metrics.Sample
}

func (b *batch) takes(tags *metrics.TagSet, metadata map[string]string) bool {
	return len(b.requests) < mostPending && b.tags == tags &&
		(len(b.metadata) == 0 && len(metadata) == 0 ||
			reflect.ValueOf(b.metadata).Pointer() == reflect.ValueOf(metadata).Pointer())
}

// GetSamples makes a batch a metrics.SampleContainer. Several outputs may ask at the same time.
func (b *batch) GetSamples() []metrics.Sample {
	b.once.Do(func() {
		b.samples = make([]metrics.Sample, 0, 3*len(b.requests))

		for _, each := range b.requests {
			sample := func(metric *metrics.Metric, value float64) {
				b.samples = append(b.samples, metrics.Sample{
					TimeSeries: metrics.TimeSeries{Metric: metric, Tags: b.tags},
					Time:       clock.Time(each.end),
					Metadata:   b.metadata,
					Value:      value,
				})
			}

			failed := 0.0
			if !each.ok {
				failed = 1
			}

			sample(b.metrics.requests, 1)
			sample(b.metrics.duration, clock.Milliseconds(each.latency))
			sample(b.metrics.failed, failed)
		}
	})

	return b.samples
}
