package recorder

import "time"

const (
	// maxLabels bounds what a side can make the recorder remember.
	maxLabels = 256
	otherName = "(others)"
)

// tally is what was recorded: by one virtual user, or of a whole series once it is merged.
type tally struct {
	ok, failed  outcome
	outside     int64
	overflow    int64
	labels      map[string]int64
	failures    failures
	first, last time.Duration // of what counts
}

func (t *tally) counted() bool {
	return t.ok.count+t.failed.count > 0
}

func (t *tally) addLabel(label string, count int64) {
	if t.labels == nil {
		t.labels = make(map[string]int64)
	}

	if _, known := t.labels[label]; !known && len(t.labels) >= maxLabels {
		label = otherName
	}

	t.labels[label] += count
}

func (t *tally) merge(other *tally) {
	if other.counted() {
		if !t.counted() {
			t.first = other.first
		}

		t.first = min(t.first, other.first)
		t.last = max(t.last, other.last)
	}

	t.ok.merge(&other.ok)
	t.failed.merge(&other.failed)
	t.failures.merge(other.failures)
	t.outside += other.outside
	t.overflow += other.overflow

	for label, count := range other.labels {
		t.addLabel(label, count)
	}
}
