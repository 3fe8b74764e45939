package recorder

const (
	// maxLabels bounds what a side can make the recorder remember.
	maxLabels = 256
	otherName = "(others)"
)

// tally is what was recorded: by one virtual user, or of a whole series once it is merged.
type tally struct {
	ok, failed outcome
	labels     map[string]int64
	failures   failures
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
	t.ok.merge(&other.ok)
	t.failed.merge(&other.failed)
	t.failures.merge(other.failures)

	for label, count := range other.labels {
		t.addLabel(label, count)
	}
}
