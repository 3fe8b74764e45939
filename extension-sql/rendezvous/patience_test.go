package rendezvous_test

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.k6.io/k6/errext"
	"go.k6.io/k6/js/modulestest"

	"inference-gap/extension-sql/line"
	"inference-gap/extension-sql/rendezvous"
)

// meets is what became of a virtual user who went to a meeting.
func meets(u *modulestest.Runtime, code string) chan error {
	gone := make(chan error, 1)

	go func() {
		_, err := u.VU.RuntimeField.RunString(code)
		gone <- err
	}()

	return gone
}

func requireAborted(t *testing.T, gone chan error, why string) {
	t.Helper()

	select {
	case err := <-gone:
		require.ErrorContains(t, err, why)

		var aborted *errext.InterruptError

		require.ErrorAs(t, err, &aborted, "ends the whole test, not this virtual user alone")
	case <-time.After(10 * time.Second):
		t.Fatal("still waits")
	}
}

func TestWhoHasDiedIsNotWaitedForWithoutEnd(t *testing.T) {
	root := rendezvous.NewPatient(200 * time.Millisecond)
	dead := newUser(t, root)
	_, err := dead.VU.RuntimeField.RunString(`throw new Error('died')`)
	require.Error(t, err)

	waiting := []chan error{
		meets(newUser(t, root), `rendezvous.meet('turn', 3)`),
		meets(newUser(t, root), `rendezvous.meet('turn', 3)`),
		meets(newUser(t, root), `rendezvous.meet('enter', 2)`),
	}
	for _, gone := range waiting {
		requireAborted(t, gone, "(1 of 2 at 'enter', 2 of 3 at 'turn'): for 200ms nobody has come")
	}

	// Who comes too late is told the same.
	requireAborted(t, meets(newUser(t, root), `rendezvous.meet('turn 2', 2)`), "in vain")
}

func TestWhoWaitsForTheirTurnWaitsAsLongAsOthersMeet(t *testing.T) {
	const limit = 400 * time.Millisecond

	root := rendezvous.NewPatient(limit)
	patient, busy := meets(newUser(t, root), `rendezvous.meet('enter', 2)`), newUser(t, root)

	for began := time.Now(); time.Since(began) < 3*limit; time.Sleep(limit / 20) {
		_, err := busy.VU.RuntimeField.RunString(fmt.Sprintf(`rendezvous.meet('%d', 1)`, time.Since(began)))
		require.NoError(t, err)
	}

	select {
	case err := <-patient:
		t.Fatalf("gave up: %v", err)
	default:
	}

	_, err := busy.VU.RuntimeField.RunString(`rendezvous.meet('enter', 2)`)
	require.NoError(t, err)
	require.NoError(t, <-patient)
}

func TestAPauseBetweenMeetingsIsNoSilence(t *testing.T) {
	const limit = 100 * time.Millisecond

	root := rendezvous.NewPatient(limit)
	u := newUser(t, root)
	_, err := u.VU.RuntimeField.RunString(`rendezvous.meet('a', 1)`)
	require.NoError(t, err)
	time.Sleep(3 * limit)

	first := meets(newUser(t, root), `rendezvous.meet('b', 2)`)
	time.Sleep(limit / 4)

	_, err = u.VU.RuntimeField.RunString(`rendezvous.meet('b', 2)`)
	require.NoError(t, err)
	require.NoError(t, <-first)
}

func TestWhoIsAskedMeanwhileIsWaitedFor(t *testing.T) {
	const limit = 200 * time.Millisecond

	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()

	root := rendezvous.NewPatient(limit)
	waiting := []chan error{
		meets(newUser(t, root), `rendezvous.meet('enter', 2)`),
		meets(newUser(t, root), `rendezvous.meet('gone', 2)`),
	}

	// One after the other, as where answers are slow and ten of them are asked for before the next meeting.
	for began := time.Now(); time.Since(began) < 3*limit; {
		line.Enter(line.Of(here))
		time.Sleep(limit / 2)
		line.Leave()
	}

	for _, gone := range waiting {
		select {
		case err := <-gone:
			t.Fatalf("gave up: %v", err)
		default:
		}
	}

	_, err := newUser(t, root).VU.RuntimeField.RunString(`rendezvous.meet('enter', 2)`)
	require.NoError(t, err)
	require.NoError(t, <-waiting[0])
	// Once nobody is asked any more it is as ever.
	requireAborted(t, waiting[1], "(1 of 2 at 'gone'): for 200ms nobody has come")
}
