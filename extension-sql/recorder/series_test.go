package recorder_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"inference-gap/extension-sql/recorder"
)

// A virtual user that is done with its blocks hands in what it recorded; nothing of it is lost or counted twice.
func TestUsersThatAreDoneKeepTheirRecords(t *testing.T) {
	u := newUser(t, recorder.New())
	u.run(t, `const kept = []
		for (const block of ['1', '2', '3']) for (const side of ['a', 'b']) {
			const series = recorder.series({ side, block })
			kept.push(series)
			for (let i = 1; i <= 10; i++) series.recordDuration(i, i > 2, 'w')
		}
		recorder.retire()
		kept[0].recordDuration(100, true, 'w') // a series that was handed in goes on
		recorder.retire()`)

	all := exported(t, u)
	require.Len(t, all, 6)

	for i, one := range all {
		late := int64(0)
		if i == 0 {
			late = 1
		}

		require.EqualValues(t, 8+late, one.OK.Count)
		require.EqualValues(t, 8+late, one.Labels["w"])
		require.EqualValues(t, 2, one.Failed.Count)
		require.InDelta(t, 3, *one.OK.MinMs, 1e-9)
		require.InDelta(t, 10+90*float64(late), *one.OK.MaxMs, 1e-9)
		require.InDelta(t, 1.5, *one.Failed.MeanMs, 1e-9)
	}
}

// What a user has handed in takes no memory of its own: with a hundred users each block else takes megabytes.
func TestMemoryDoesNotGrowWithUsersTimesBlocks(t *testing.T) {
	root := recorder.New()

	users := make([]user, 20)
	for i := range users {
		users[i] = newUser(t, root)
	}

	heap := func() uint64 {
		runtime.GC()

		var stats runtime.MemStats

		runtime.ReadMemStats(&stats)

		return stats.HeapAlloc
	}

	before := heap()

	const blocks = 50
	for block := range blocks {
		for _, each := range users {
			each.run(t, fmt.Sprintf(`{
				const [a, b] = ['a', 'b'].map((side) => recorder.series({ side, block: '%d' }))
				for (let ms = 0.01; ms < 1000; ms *= 1.05) { a.recordDuration(ms, true); b.recordDuration(ms, true) }
				recorder.retire()
			}`, block))
		}
	}

	grown := heap() - before
	require.Len(t, exported(t, users[0]), 2*blocks)
	// Some 15 KB a series; not packed some 150, with a part for each user twenty times that.
	require.Less(t, grown, uint64(2*blocks*60_000))
}

func TestExportWhileOthersRecord(t *testing.T) {
	root := recorder.New()

	var group sync.WaitGroup

	for range 4 {
		u := newUser(t, root)

		group.Go(func() {
			_, err := u.VU.RuntimeField.RunString(`for (let block = 0; block < 10; block++) {
				const series = recorder.series({ side: 'a', block: String(block) })
				for (let i = 0; i < 100; i++) series.record(now(), true, 'x')
				recorder.retire()
			}`)
			if err != nil {
				t.Error(err)
			}
		})
	}

	reader := newUser(t, root)
	for range 20 {
		exported(t, reader)
	}

	group.Wait()

	for _, one := range exported(t, reader) {
		require.EqualValues(t, 400, one.OK.Count)
	}
}

func TestShortLatenciesKeepThreeDigits(t *testing.T) {
	u := newUser(t, recorder.New())
	u.run(t, `recorder.series({ side: 'a', block: 'b' }).recordDuration(0.001234, true)`)
	require.InDelta(t, 0.001234, *exported(t, u)[0].OK.P50Ms, 1e-9)
}
