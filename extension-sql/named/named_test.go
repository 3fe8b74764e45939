package named_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/grafana/sobek"
	"github.com/stretchr/testify/require"

	"inference-gap/extension-sql/named"
)

func TestEachNameIsMadeOnce(t *testing.T) {
	var (
		store named.Store[int]
		made  atomic.Int64
		group sync.WaitGroup
	)

	for range 20 {
		group.Go(func() {
			for _, name := range []string{"a", "b"} {
				got, err := store.Get(name, sobek.New(), func() (int, error) {
					made.Add(1)

					return len(name) + int(name[0]), nil
				})
				if err != nil || got != 1+int(name[0]) {
					t.Errorf("%s: %d, %v", name, got, err)
				}
			}
		})
	}

	group.Wait()
	require.EqualValues(t, 2, made.Load())
}

func TestWhatFailedIsTriedAgain(t *testing.T) {
	var store named.Store[string]

	failure := errors.New("no such file")

	_, err := store.Get("a", sobek.New(), func() (string, error) { return "half", failure })
	require.ErrorIs(t, err, failure)

	for _, given := range []string{"whole", "never made"} {
		got, err := store.Get("a", sobek.New(), func() (string, error) { return given, nil })
		require.NoError(t, err)
		require.Equal(t, "whole", got)
	}
}

// Waiting for itself a virtual user would wait without end.
func TestNobodyAsksForWhatItIsMaking(t *testing.T) {
	var store named.Store[int]

	user := sobek.New()
	got, err := store.Get("a", user, func() (int, error) {
		_, err := store.Get("a", user, func() (int, error) { return 1, nil })
		require.ErrorContains(t, err, "'a' is asked for while it is read; expected another name")

		return store.Get("b", user, func() (int, error) { return 2, nil })
	})
	require.NoError(t, err)
	require.Equal(t, 2, got)
}
