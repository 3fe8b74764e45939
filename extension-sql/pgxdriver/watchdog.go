package pgxdriver

import (
	"context"
	"sync"
	"time"
)

// watchInterval is how late, at most, a query's timeout or a virtual user's end is noticed.
const watchInterval = 10 * time.Millisecond

// watchdog notices for all connections of the process that the context of a running query has ended.
//
// Neither a goroutine (pgconn) nor a context.AfterFunc for each query: k6 gives each iteration a context of its own, so
// that either is paid with every query: 3 % of the client's time, by profile, and a twelfth of what it allocated.
// Here a query pays for two uncontended locks.
type watchdog struct {
	mu      sync.Mutex
	watched map[*watch]struct{}
	// runs until it has seen that nothing is watched, which may be after the next connection has come.
	runs bool
}

var watchers = watchdog{watched: make(map[*watch]struct{})} //nolint:gochecknoglobals // one timer a process is the point

// watch is what the watchdog knows of one connection.
type watch struct {
	// interrupt ends the running query; it is called on a goroutine of its own, at most once a query.
	interrupt func()

	mu       sync.Mutex
	ctx      context.Context //nolint:containedctx // the running query's; nil between queries
	finished chan struct{}   // closed when interrupt has returned; nil where it was not called
}

func (d *watchdog) add(w *watch) {
	d.mu.Lock()
	defer d.mu.Unlock()

	d.watched[w] = struct{}{}
	if !d.runs {
		d.runs = true

		go d.run()
	}
}

func (d *watchdog) remove(w *watch) {
	d.mu.Lock()
	defer d.mu.Unlock()

	delete(d.watched, w)
}

// run ends some time after the last connection.
func (d *watchdog) run() {
	for {
		time.Sleep(watchInterval)
		processors.look()

		if !d.look() {
			processors.reset()

			return
		}
	}
}

// look returns whether there is anything left to watch.
func (d *watchdog) look() bool {
	d.mu.Lock()
	defer d.mu.Unlock()

	for each := range d.watched {
		each.look()
	}

	d.runs = len(d.watched) > 0

	return d.runs
}

func (w *watch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()

	if w.ctx == nil || w.finished != nil || w.ctx.Err() == nil {
		return
	}

	finished := make(chan struct{})
	w.finished = finished

	go func() {
		defer close(finished)

		w.interrupt()
	}()
}

// begin is called before a query is sent.
func (w *watch) begin(ctx context.Context) {
	if ctx.Done() == nil {
		return
	}

	w.mu.Lock()
	w.ctx = ctx
	w.mu.Unlock()
}

// end is called when a query is over. Returns whether it was interrupted, once that is over as well.
func (w *watch) end() bool {
	w.mu.Lock()
	finished := w.finished
	w.ctx, w.finished = nil, nil
	w.mu.Unlock()

	if finished == nil {
		return false
	}

	<-finished

	return true
}
