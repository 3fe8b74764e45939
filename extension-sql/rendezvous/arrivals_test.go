package rendezvous_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"inference-gap/extension-sql/rendezvous"
)

// takes asks for so many arrivals of a process.
func takes(t *testing.T, root *rendezvous.Root, script string) []float64 {
	t.Helper()

	value, err := newUser(t, root).VU.RuntimeField.RunString(script)
	require.NoError(t, err)

	return exportedFloats(value.Export().([]any)) //nolint:forcetypeassert // a wrong type fails the test
}

func exportedFloats(values []any) []float64 {
	made := make([]float64, len(values))

	for i, value := range values {
		switch number := value.(type) {
		case float64:
			made[i] = number
		case int64:
			made[i] = float64(number)
		}
	}

	return made
}

const hundredThousand = `Array.from({ length: 100000 }, () => rendezvous.arrival('a', 7))`

// The gaps are exponential with a mean of 1: by theory the mean of 100,000 errs by 0.0032, their variance by 0.0089, and the share
// above t is e to the -t. Five times as much is not left to chance.
func TestArrivalsAreAPoissonProcess(t *testing.T) {
	all := takes(t, rendezvous.New(), hundredThousand)
	before, sum, squares, aboveTwo := 0.0, 0.0, 0.0, 0.0

	for _, at := range all {
		gap := at - before
		require.Positive(t, gap)

		sum += gap
		squares += (gap - 1) * (gap - 1)

		if gap > 2 {
			aboveTwo++
		}

		before = at
	}

	count := float64(len(all))
	require.InDelta(t, 1, sum/count, 0.016)
	require.InDelta(t, 1, squares/count, 0.045)
	require.InDelta(t, math.Exp(-2), aboveTwo/count, 0.0055)
}

func TestTheSameSeedGivesTheSameArrivalsUnderAnyName(t *testing.T) {
	root := rendezvous.New()
	script := `[rendezvous.arrival('a', 3), rendezvous.arrival('b', 3), rendezvous.arrival('c', 4), rendezvous.arrival('a', 3), rendezvous.arrival('b', 3)]`
	times := takes(t, root, script)
	require.Equal(t, times[0], times[1])
	require.Equal(t, times[3], times[4])
	require.NotEqual(t, times[0], times[2])
	require.Greater(t, times[3], times[0])
}

func TestUsersTakeTheirArrivalsFromOneProcess(t *testing.T) {
	root := rendezvous.New()
	alone := takes(t, rendezvous.New(), `[1, 2, 3, 4].map(() => rendezvous.arrival('a', 3))`)
	first := takes(t, root, `[1, 2].map(() => rendezvous.arrival('a', 3))`)
	second := takes(t, root, `[1, 2].map(() => rendezvous.arrival('a', 3))`)
	require.Equal(t, alone, append(first, second...))
}

func TestPartsShareOneProcess(t *testing.T) {
	whole := takes(t, rendezvous.New(), `Array.from({ length: 9 }, () => rendezvous.arrival('a', 3))`)

	for part := range 3 {
		script := fmt.Sprintf(`Array.from({ length: 3 }, () => rendezvous.arrival('a', 3, %d, 3))`, part)
		own := takes(t, rendezvous.New(), script)
		require.Equal(t, []float64{whole[part], whole[part+3], whole[part+6]}, own)
	}
}

func TestBadArrivalsAreRefused(t *testing.T) {
	root := rendezvous.New()
	_, err := newUser(t, root).VU.RuntimeField.RunString(`rendezvous.arrival('a', 3)`)
	require.NoError(t, err)

	for script, message := range map[string]string{
		`rendezvous.arrival('', 3)`:        "rendezvous.arrival: name is ; expected a string that is not empty",
		`rendezvous.arrival('b', -1)`:      "rendezvous.arrival: seed is -1; expected a whole number of 0 or more",
		`rendezvous.arrival('b', 1.5)`:     "rendezvous.arrival: seed is 1.5; expected a whole number of 0 or more",
		`rendezvous.arrival('b')`:          "rendezvous.arrival: seed is undefined; expected a whole number of 0 or more",
		`rendezvous.arrival('a', 4)`:       "rendezvous.arrival: seed of 'a' is 4, another virtual user said 3",
		`rendezvous.arrival('b', 1, 2, 2)`: "rendezvous.arrival: part is 2; expected one below parts, 2",
		`rendezvous.arrival('b', 1, 0, 0)`: "rendezvous.arrival: parts is 0; expected a whole number of 1 or more",
		`rendezvous.arrival('a', 3, 1, 2)`: "rendezvous.arrival: part of 'a' is 1 of 2, another virtual user said 0 of 1",
	} {
		_, err := newUser(t, root).VU.RuntimeField.RunString(script)
		require.ErrorContains(t, err, message)
	}
}
