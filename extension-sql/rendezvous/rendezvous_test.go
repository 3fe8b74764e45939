package rendezvous_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.k6.io/k6/js/modulestest"
	"go.k6.io/k6/lib"

	"inference-gap/extension-sql/clock"
	"inference-gap/extension-sql/rendezvous"
)

// newUser is a virtual user of the given process's rendezvous, in a running test.
func newUser(t *testing.T, root *rendezvous.Root) *modulestest.Runtime {
	t.Helper()

	runtime := newUserInInit(t, root)
	runtime.MoveToVUContext(&lib.State{})

	return runtime
}

func newUserInInit(t *testing.T, root *rendezvous.Root) *modulestest.Runtime {
	t.Helper()

	runtime := modulestest.NewRuntime(t)
	require.NoError(t, runtime.VU.RuntimeField.Set("rendezvous", root.NewModuleInstance(runtime.VU).Exports().Default))

	return runtime
}

func TestAllGoOnTogetherWithTheSums(t *testing.T) {
	root := rendezvous.New()

	const users = 20

	var (
		group sync.WaitGroup
		mu    sync.Mutex
		seen  []map[string]any
	)

	for i := range users {
		u := newUser(t, root)
		_ = u.VU.RuntimeField.Set("own", i)

		group.Go(func() {
			time.Sleep(time.Duration(i) * time.Millisecond)

			value, err := u.VU.RuntimeField.RunString(`rendezvous.meet('a', 20, [1, own, 0.5])`)
			if err != nil {
				t.Error(err)

				return
			}

			mu.Lock()
			defer mu.Unlock()

			seen = append(seen, value.Export().(map[string]any)) //nolint:forcetypeassert // a wrong type fails the test
		})
	}

	group.Wait()
	require.Len(t, seen, users)

	for _, one := range seen {
		require.Equal(t, []any{20.0, 190.0, 10.0}, exportedNumbers(one["sums"]))
		require.Equal(t, seen[0]["at"], one["at"])
	}

	all, err := newUser(t, root).VU.RuntimeField.RunString(`JSON.stringify(rendezvous.meetings().a.sums)`)
	require.NoError(t, err)
	require.Equal(t, "[20,190,10]", all.String())
}

func exportedNumbers(value any) []any {
	numbers := []any{}

	for _, each := range value.([]any) { //nolint:forcetypeassert // a wrong type fails the test
		switch number := each.(type) {
		case int64:
			numbers = append(numbers, float64(number))
		default:
			numbers = append(numbers, number)
		}
	}

	return numbers
}

func TestNobodyGoesOnBeforeTheLastHasCome(t *testing.T) {
	root := rendezvous.New()
	first, second := newUser(t, root), newUser(t, root)
	gone := make(chan error)

	go func() {
		_, err := first.VU.RuntimeField.RunString(`rendezvous.meet('a', 2)`)
		gone <- err
	}()

	select {
	case <-gone:
		t.Fatal("went on alone")
	case <-time.After(50 * time.Millisecond):
	}

	value, err := second.VU.RuntimeField.RunString(`Object.keys(rendezvous.meetings()).length`)
	require.NoError(t, err)
	require.EqualValues(t, 0, value.Export(), "a meeting that is not over")

	_, err = second.VU.RuntimeField.RunString(`rendezvous.meet('a', 2)`)
	require.NoError(t, err)
	require.NoError(t, <-gone)
}

func TestTheEndOfTheTestEndsTheWait(t *testing.T) {
	for _, code := range []string{`rendezvous.meet('never', 2)`, `rendezvous.waitUntil(8e11)`} {
		u := newUser(t, rendezvous.New())
		ended := make(chan error)

		go func() {
			_, err := u.VU.RuntimeField.RunString(code)
			ended <- err
		}()

		time.Sleep(10 * time.Millisecond)
		u.CancelContext()
		require.ErrorContains(t, <-ended, context.Canceled.Error(), code)
	}
}

func TestTurnsAreCountedOverAllUsers(t *testing.T) {
	root := rendezvous.New()

	for i, name := range []string{"a", "a", "b", "a"} {
		u := newUser(t, root)
		_ = u.VU.RuntimeField.Set("name", name)

		turn, err := u.VU.RuntimeField.RunString(`rendezvous.turn(name)`)
		require.NoError(t, err)
		require.EqualValues(t, []int{0, 1, 0, 2}[i], turn.Export())

		next, err := u.VU.RuntimeField.RunString(`rendezvous.turn(name, 0)`)
		require.NoError(t, err)
		require.EqualValues(t, []int{1, 2, 1, 3}[i], next.Export(), "looking takes none")
	}
}

func TestWaitUntil(t *testing.T) {
	u := newUser(t, rendezvous.New())
	at := clock.Milliseconds(clock.Now()) + 20
	_ = u.VU.RuntimeField.Set("at", at)

	_, err := u.VU.RuntimeField.RunString(`rendezvous.waitUntil(at); rendezvous.waitUntil(at - 10); rendezvous.waitUntil(0)`)
	require.NoError(t, err)
	require.GreaterOrEqual(t, clock.Milliseconds(clock.Now()), at)
}

func TestRefusals(t *testing.T) {
	root := rendezvous.New()
	u := newUser(t, root)

	_, err := u.VU.RuntimeField.RunString(`rendezvous.meet('over', 1, [1])`)
	require.NoError(t, err)

	go func() { _, _ = newUser(t, root).VU.RuntimeField.RunString(`rendezvous.meet('open', 2, [1])`) }()

	require.Eventually(t, func() bool { return root.Arrived("open") == 1 }, time.Minute, time.Millisecond)

	for code, expected := range map[string]string{
		`rendezvous.meet('', 1)`:             "rendezvous.meet: name is ",
		`rendezvous.meet(3, 1)`:              "rendezvous.meet: name is 3; expected a string",
		`rendezvous.meet('x', 0)`:            "parties is 0; expected a whole number of at least 1",
		`rendezvous.meet('x', 1.5)`:          "parties is 1.5",
		`rendezvous.meet('x', '1')`:          "parties is 1; expected a whole number",
		`rendezvous.meet('x', 1, 5)`:         "values is 5; expected an array of numbers",
		`rendezvous.meet('x', 1, [1, 'a'])`:  "values[1] is a; expected a finite number",
		`rendezvous.meet('x', 1, [0 / 0])`:   "values[0] is NaN",
		`rendezvous.meet('over', 1, [1])`:    "'over' is over: all 1 parties have met",
		`rendezvous.meet('open', 3, [1])`:    "parties of 'open' is 3, another virtual user said 2",
		`rendezvous.meet('open', 2, [1, 2])`: "'open' got 2 values, 1 from another virtual user",
		`rendezvous.turn('x', 2)`:            "by is 2; expected 0 or 1",
		`rendezvous.turn()`:                  "rendezvous.turn: name is undefined",
		`rendezvous.waitUntil('soon')`:       "rendezvous.waitUntil: at is soon; expected milliseconds",
		`rendezvous.waitUntil(-1)`:           "at is -1",
	} {
		_, err := u.VU.RuntimeField.RunString(code)
		require.ErrorContains(t, err, "TypeError", code)
		require.ErrorContains(t, err, expected, code)
	}

	for _, code := range []string{`rendezvous.meet('x', 1)`, `rendezvous.waitUntil(1)`} {
		_, err := newUserInInit(t, rendezvous.New()).VU.RuntimeField.RunString(code)
		require.ErrorContains(t, err, "not in the init context", code)
	}

}
