package recorder

import (
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"inference-gap/extension-sql/clock"
)

// The form in which scripts get what was recorded; declared for them in types/recorder.d.ts. Figures that do not exist
// (a percentile of nothing, the deviation of a single latency) are null.
type exported struct {
	Clock   exportedClock    `json:"clock"`
	Machine exportedMachine  `json:"machine"`
	Series  []exportedSeries `json:"series"`
}

// exportedMachine is what this process runs on.
type exportedMachine struct {
	Host  string `json:"host"`
	Cores int    `json:"cores"`
}

func machine() exportedMachine {
	host, err := os.Hostname()
	if err != nil {
		host = "" // it has none
	}

	return exportedMachine{Host: host, Cores: runtime.GOMAXPROCS(0)}
}

type exportedClock struct {
	StartedAtUnixMs float64 `json:"startedAtUnixMs"`
}

type exportedSeries struct {
	Side   string           `json:"side"`
	Block  string           `json:"block"`
	OK     exportedOutcome  `json:"ok"`
	Failed exportedOutcome  `json:"failed"`
	Labels map[string]int64 `json:"labels"`
	// Failures by kind.
	Failures []exportedFailure `json:"failures"`
	// Parts of the side by their names, where some were told apart.
	Parts []exportedPart `json:"parts,omitempty"`
}

type exportedPart struct {
	Name   string          `json:"name"`
	OK     exportedOutcome `json:"ok"`
	Failed exportedOutcome `json:"failed"`
}

func (s *series) exportParts() ([]exportedPart, error) {
	var parts []exportedPart

	for name, each := range s.mergedParts() {
		succeeded, err := each.ok.export()
		if err != nil {
			return nil, err
		}

		failed, err := each.failed.export()
		if err != nil {
			return nil, err
		}

		parts = append(parts, exportedPart{Name: name, OK: succeeded, Failed: failed})
	}

	slices.SortFunc(parts, func(a, b exportedPart) int { return strings.Compare(a.Name, b.Name) })

	return parts, nil
}

type exportedOutcome struct {
	Count     int64    `json:"count"`
	MinMs     *float64 `json:"minMs"`
	MaxMs     *float64 `json:"maxMs"`
	MeanMs    *float64 `json:"meanMs"`
	StdevMs   *float64 `json:"stdevMs"`
	P50Ms     *float64 `json:"p50Ms"`
	P90Ms     *float64 `json:"p90Ms"`
	P95Ms     *float64 `json:"p95Ms"`
	P99Ms     *float64 `json:"p99Ms"`
	P999Ms    *float64 `json:"p999Ms"`
	Histogram string   `json:"histogram"`
}

func (o *outcome) export() (exportedOutcome, error) {
	if o.count == 0 {
		return exportedOutcome{}, nil
	}

	histogram := o.histogram.hdr()

	encoded, err := histogram.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return exportedOutcome{}, err
	}

	ms := func(nanoseconds float64) *float64 {
		if math.IsNaN(nanoseconds) {
			return nil
		}

		value := nanoseconds / float64(time.Millisecond)

		return &value
	}
	percentile := func(rank float64) *float64 {
		return ms(float64(histogram.ValueAtPercentile(rank)))
	}

	return exportedOutcome{
		Count:     o.count,
		MinMs:     ms(float64(o.min)),
		MaxMs:     ms(float64(o.max)),
		MeanMs:    ms(o.mean),
		StdevMs:   ms(o.deviation()),
		P50Ms:     percentile(50),
		P90Ms:     percentile(90),
		P95Ms:     percentile(95),
		P99Ms:     percentile(99),
		P999Ms:    percentile(99.9),
		Histogram: string(encoded),
	}, nil
}

func (s *series) export() (exportedSeries, error) {
	all := s.merged()

	succeeded, err := all.ok.export()
	if err != nil {
		return exportedSeries{}, err
	}

	failed, err := all.failed.export()
	if err != nil {
		return exportedSeries{}, err
	}

	parts, err := s.exportParts()
	if err != nil {
		return exportedSeries{}, err
	}

	labels := all.labels
	if labels == nil {
		labels = map[string]int64{} // an object, not null
	}

	return exportedSeries{
		Side:     s.side,
		Block:    s.block,
		OK:       succeeded,
		Failed:   failed,
		Labels:   labels,
		Failures: all.failures.export(),
		Parts:    parts,
	}, nil
}

// export gives all series in the order in which they were first named.
func (s *store) export() (exported, error) {
	s.mu.Lock()
	all := append([]*series{}, s.ordered...)
	s.mu.Unlock()

	result := exported{
		Clock:   exportedClock{StartedAtUnixMs: clock.OriginUnixMilli()},
		Machine: machine(),
		Series:  make([]exportedSeries, 0, len(all)),
	}

	for _, each := range all {
		one, err := each.export()
		if err != nil {
			return exported{}, err
		}

		result.Series = append(result.Series, one)
	}

	return result, nil
}
