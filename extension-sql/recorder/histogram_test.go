package recorder

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/require"
	"go.k6.io/k6/metrics"
)

// The pages must fall into the buckets of the library whose encoding is exported.
func TestBucketsAreThoseOfHdrHistogram(t *testing.T) {
	ours := &histogram{}
	theirs := hdrhistogram.New(lowest, highest, digits)
	random := rand.New(rand.NewPCG(3, 4))

	values := []int64{0, 1, 2047, 2048, 2049, 4095, 4096, highest - 1, highest}
	for range 100000 {
		values = append(values, random.Int64N(highest+1)>>random.IntN(36))
	}

	for _, value := range values {
		ours.add(value)
		require.NoError(t, theirs.RecordValue(value))
		require.LessOrEqual(t, lowestOf(bucketOf(value)), value)
		require.LessOrEqual(t, float64(value-lowestOf(bucketOf(value))), float64(value)/1000)
	}

	require.True(t, theirs.Equals(ours.hdr()))
}

func TestMergedHistogramsHoldBoth(t *testing.T) {
	a, b, both := &histogram{}, &histogram{}, &histogram{}
	random := rand.New(rand.NewPCG(5, 6))

	for i := range 10000 {
		value := random.Int64N(highest) >> random.IntN(36)
		both.add(value)

		if i%3 == 0 {
			a.add(value)
		} else {
			b.add(value)
		}
	}

	a.merge(b)
	require.True(t, both.hdr().Equals(a.hdr()))
}

func TestPackedHistogramsHoldTheSame(t *testing.T) {
	var plain, packed, late histogram

	for _, one := range []*histogram{&plain, &packed} {
		for value := int64(1); value < highest; value = value*11/10 + 1 {
			one.add(value)
			one.add(value)
		}
	}

	packed.pack()
	packed.pack() // again changes nothing
	require.Less(t, len(packed.packed), 1000)
	require.Equal(t, plain.hdr().Export(), packed.hdr().Export())

	late.add(5)
	late.merge(&packed)
	require.EqualValues(t, plain.hdr().TotalCount()+1, late.hdr().TotalCount())

	packed.merge(&plain)
	require.Nil(t, packed.packed)
	require.EqualValues(t, 2*plain.hdr().TotalCount(), packed.hdr().TotalCount())

	var empty histogram

	empty.pack()
	require.Zero(t, empty.hdr().TotalCount())
}

func TestMergedOutcomesAreExact(t *testing.T) {
	a, b, both := outcome{}, outcome{}, outcome{}

	for i := range 1000 {
		latency := fromMilliseconds(float64(i*i%977) / 7)
		both.add(latency)

		if i%2 == 0 {
			a.add(latency)
		} else {
			b.add(latency)
		}
	}

	a.merge(&b)
	require.Equal(t, both.count, a.count)
	require.Equal(t, both.min, a.min)
	require.Equal(t, both.max, a.max)
	require.InEpsilon(t, both.mean, a.mean, 1e-12)
	require.InEpsilon(t, both.deviation(), a.deviation(), 1e-9)
}

func TestLabelsAreBounded(t *testing.T) {
	a, b := tally{}, tally{}
	for i := range 300 {
		a.addLabel(string(rune('a'+i)), 1)
		b.addLabel(string(rune('A'+i)), 2)
	}

	a.merge(&b)
	require.LessOrEqual(t, len(a.labels), maxLabels+1)

	total := int64(0)
	for _, count := range a.labels {
		total += count
	}

	require.EqualValues(t, 900, total)
}

// Latencies that are long beside what they differ by, as behind a server that sleeps: the true deviation is that of 0 and 1
// nanoseconds, whatever is added to both and however they are divided and merged.
func TestDeviationKeepsItsDigits(t *testing.T) {
	const count = 1000

	expected := math.Sqrt(0.25 * count / (count - 1))

	for _, shift := range []time.Duration{0, time.Millisecond, time.Second, 50 * time.Second} {
		for _, parts := range []int{1, 2, 7, count} {
			outcomes := make([]outcome, parts)
			for i := range count {
				outcomes[i%parts].add(shift + time.Duration(i%2))
			}

			whole := outcome{}
			for i := range outcomes {
				whole.merge(&outcomes[i])
			}

			require.InEpsilon(t, expected, whole.deviation(), 1e-6, "%s in %d parts", shift, parts)
			require.InDelta(t, float64(shift)+0.5, whole.mean, 1e-4, "%s in %d parts", shift, parts)
		}
	}
}

func TestASingleLatencyHasNoDeviation(t *testing.T) {
	one, alike := outcome{}, outcome{}
	one.add(time.Second)

	exported, err := one.export()
	require.NoError(t, err)
	require.Nil(t, exported.StdevMs)
	require.InEpsilon(t, 1000, *exported.MeanMs, 1e-12)

	for range 3 {
		alike.merge(&one)
	}

	exported, err = alike.export()
	require.NoError(t, err)
	require.Zero(t, *exported.StdevMs)
}

func TestTwoLatenciesHaveADeviation(t *testing.T) {
	two := outcome{}
	two.add(0)
	two.add(2)
	require.InEpsilon(t, math.Sqrt2, two.deviation(), 1e-12)
}

// Requests are given to k6 together as long as they have the same tags and metadata, and are not too many.
func TestABatchTakesWhatIsAlike(t *testing.T) {
	tags := metrics.NewRegistry().RootTagSet()
	metadata, other := map[string]string{"a": "b"}, map[string]string{"a": "b"}

	require.True(t, (&batch{tags: tags}).takes(tags, nil))
	require.True(t, (&batch{tags: tags}).takes(tags, map[string]string{}))
	require.True(t, (&batch{tags: tags, metadata: metadata}).takes(tags, metadata))
	require.False(t, (&batch{tags: tags, metadata: metadata}).takes(tags, other))
	require.False(t, (&batch{tags: tags, metadata: metadata}).takes(tags, nil))
	require.False(t, (&batch{tags: tags}).takes(tags, metadata))
	require.False(t, (&batch{tags: tags}).takes(tags.With("x", "y"), nil))
	require.True(t, (&batch{tags: tags, requests: make([]request, mostPending-1)}).takes(tags, nil))
	require.False(t, (&batch{tags: tags, requests: make([]request, mostPending)}).takes(tags, nil))
}
