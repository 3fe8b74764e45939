package rendezvous

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/errext"

	"inference-gap/extension-sql/clock"
	"inference-gap/extension-sql/line"
)

// Patience is how long nobody may come to any meeting, or ask anything, while somebody waits at one. As long as others do,
// whoever waits for their turn waits for good reason: answers may be slow, and many are asked for between two meetings. A
// request ends by its own time-out.
const Patience = 60 * time.Second

// patience ends all waits together once others are waited for in vain: a virtual user that has died, that an exception or an
// interruption has ended, or that hangs would keep the rest until the end of the scenario, which may be days away.
type patience struct {
	limit time.Duration

	// Under the root's lock.
	came    time.Duration // by the clock: when somebody last came, or was seen asking
	watches bool

	inVain chan struct{} // closed when `why` is known
	why    inVainError
}

type inVainError string

func (e inVainError) Error() string { return string(e) }

// begin is called whenever somebody has come, under the root's lock.
func (p *patience) begin(root *Root) {
	p.came = clock.Now()

	if !p.watches {
		p.watches = true

		go p.watch(root)
	}
}

// looks is how many times in its length the limit is looked at.
const looks = 20

// watch runs while somebody waits: not a timer for each wait, for meetings are what happens between what is measured.
func (p *patience) watch(root *Root) {
	for {
		time.Sleep(p.limit / looks)

		if p.look(root) {
			return
		}
	}
}

// look returns whether there is nothing left to watch.
func (p *patience) look(root *Root) bool {
	root.mu.Lock()
	defer root.mu.Unlock()

	if line.IsUnderWay() {
		p.came = clock.Now()
	}

	var open []string

	for name, one := range root.meetings {
		if one.arrived < one.parties {
			open = append(open, fmt.Sprintf("%d of %d at '%s'", one.arrived, one.parties, name))
		}
	}

	quiet := clock.Now() - p.came

	switch {
	case len(open) == 0 && quiet < p.limit:
		return false // they may be on their way to the next
	case len(open) == 0:
		p.watches = false

		return true
	case quiet < p.limit:
		return false
	}

	slices.Sort(open)

	p.why = inVainError(fmt.Sprintf("virtual users wait in vain for others (%s): for %s nobody has come or asked anything, "+
		"so that one of them has ended or hangs", strings.Join(open, ", "), p.limit))
	close(p.inVain)

	return true
}

// abort ends the whole test, as exec.test.abort() does.
func (u *user) abort(why string) sobek.Value {
	u.vu.Runtime().Interrupt(&errext.InterruptError{Reason: errext.AbortTest + ": " + why})

	return sobek.Undefined()
}
