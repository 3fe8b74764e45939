package recorder

import (
	"time"

	"go.k6.io/k6/js/modules"
	"go.k6.io/k6/metrics"

	"inference-gap/extension-sql/clock"
)

// sqlMetrics mirror k6's http_req_duration, http_reqs and http_req_failed.
type sqlMetrics struct {
	duration, requests, failed *metrics.Metric
}

func registerSQLMetrics(registry *metrics.Registry) sqlMetrics {
	return sqlMetrics{
		duration: registry.MustNewMetric("sql_req_duration", metrics.Trend, metrics.Time),
		requests: registry.MustNewMetric("sql_reqs", metrics.Counter),
		failed:   registry.MustNewMetric("sql_req_failed", metrics.Rate),
	}
}

// sampler gives k6 the samples of one series of one virtual user.
type sampler struct {
	vu      modules.VU
	metrics sqlMetrics
	target  string

	// The virtual user's tags change between scenarios, not between requests.
	seen, withTarget *metrics.TagSet
}

// push gives k6 all three samples of a request at once. It must not be called in the init context.
func (s *sampler) push(latency time.Duration, ok bool) {
	state := s.vu.State()
	current := state.Tags.GetCurrentValues()

	if s.seen != current.Tags {
		s.seen, s.withTarget = current.Tags, current.Tags.With("target", s.target)
	}

	now := time.Now()
	sample := func(metric *metrics.Metric, value float64) metrics.Sample {
		return metrics.Sample{
			TimeSeries: metrics.TimeSeries{Metric: metric, Tags: s.withTarget},
			Time:       now,
			Metadata:   current.Metadata,
			Value:      value,
		}
	}

	failed := 0.0
	if !ok {
		failed = 1
	}

	metrics.PushIfNotDone(s.vu.Context(), state.Samples, metrics.ConnectedSamples{
		Samples: []metrics.Sample{
			sample(s.metrics.requests, 1),
			sample(s.metrics.duration, clock.Milliseconds(latency)),
			sample(s.metrics.failed, failed),
		},
		Tags: s.withTarget,
		Time: now,
	})
}
