package line

import (
	"errors"
	"sync"
	"time"
)

// group is a part of the lines that wait for many servers' answers at once: as many groups as GOMAXPROCS share them, and each has
// a goroutine that waits for all of its lines in one system call, as a thread of pgbench does for its clients.
//
// Go's own poller is one for the whole process. Where servers keep all processors busy, a thread that has found answers
// queues behind them; the processor whose servers asked those questions has nothing to do until then, and the runtime wakes
// a second thread to look for work. Here each processor has a thread that can go on by itself, and no other is woken.
//
// The price: while answers come all the time, Go's poller is looked at every 10 ms only. A script that measures by other
// connections as well, k6/http say, would see that, so lines are grouped only where it says that it may be.
type group struct {
	poller poller

	mu      sync.Mutex
	members map[int]*member // by descriptor
	// waiting members; those of which the answer came, but that have not gone on yet; whether the poller waits for either.
	waiting, resuming int
	isIdle            bool
	turn              chan struct{}
}

// member is a line in a group. All but wake is guarded by the group's lock.
type member struct {
	group      *group
	descriptor int
	wake       chan struct{}
	// isWaiting: it reads, and nothing was there. hasNews: something came while it did not wait.
	isWaiting, hasNews bool
}

// pollTime is how long a group keeps one of Go's processors from all that is not a line while no answer comes.
const pollTime = time.Millisecond

var groups struct { //nolint:gochecknoglobals // one for each of the process's processors
	once sync.Once
	all  []*group
}

func allGroups() []*group {
	groups.once.Do(func() {
		for range processors.normal {
			made, err := newPoller()
			if err != nil {
				break
			}

			one := &group{poller: made, members: make(map[int]*member), turn: make(chan struct{}, 1)}
			groups.all = append(groups.all, one)

			go one.run()
		}
	})

	return groups.all
}

// canGroup says whether lines can wait in groups where they are too many to block.
func canGroup() bool {
	return len(allGroups()) > 0
}

// join has the smallest group look after a descriptor that does not block.
func join(descriptor int) (*member, error) {
	var least *group

	fewest := 0

	for _, each := range allGroups() {
		each.mu.Lock()
		count := len(each.members)
		each.mu.Unlock()

		if least == nil || count < fewest {
			least, fewest = each, count
		}
	}

	if least == nil {
		return nil, errors.ErrUnsupported
	}

	return least.add(descriptor)
}

func (g *group) add(descriptor int) (*member, error) {
	made := &member{group: g, descriptor: descriptor, wake: make(chan struct{}, 1)}

	g.mu.Lock()
	defer g.mu.Unlock()

	if err := g.poller.add(descriptor); err != nil {
		return nil, err
	}

	g.members[descriptor] = made

	return made, nil
}

// leave is called while it does not wait, before the descriptor is closed.
func (m *member) leave() {
	m.group.mu.Lock()
	defer m.group.mu.Unlock()

	m.group.poller.remove(m.descriptor)
	delete(m.group.members, m.descriptor)
}

// wait returns once something came, or may have come, since the last wait began.
func (m *member) wait() {
	g := m.group
	g.mu.Lock()

	if m.hasNews {
		m.hasNews = false
		g.mu.Unlock()

		return
	}

	m.isWaiting = true
	g.waiting++
	g.next()
	g.mu.Unlock()

	<-m.wake

	g.mu.Lock()
	g.resuming--
	g.next()
	g.mu.Unlock()
}

// next has the poller go on where it waits and need not. It runs once this goroutine waits: all that it woke have then
// asked anew, or do something else.
func (g *group) next() {
	if g.isIdle && g.waiting > 0 && g.resuming == 0 {
		g.isIdle = false
		g.turn <- struct{}{}
	}
}

func (g *group) run() {
	for {
		g.mu.Lock()

		for g.waiting == 0 || g.resuming > 0 {
			g.isIdle = true
			g.mu.Unlock()
			<-g.turn
			g.mu.Lock()
		}

		g.mu.Unlock()

		came := g.poller.wait(false)
		if len(came) == 0 {
			came = g.poller.wait(true)
		}

		g.deliver(came)
	}
}

func (g *group) deliver(came []event) {
	g.mu.Lock()
	defer g.mu.Unlock()

	for i := range came {
		m := g.members[came[i].descriptor()]

		switch {
		case m == nil: // left in the meantime
		case m.isWaiting:
			m.isWaiting = false
			g.waiting--
			g.resuming++
			m.wake <- struct{}{}
		default:
			m.hasNews = true
		}
	}
}
