package line

import (
	"context"
	"sync"
	"time"

	"inference-gap/extension-sql/clock"
)

// watchInterval is how late, at most, a request's timeout or a virtual user's end is noticed.
const watchInterval = 10 * time.Millisecond

// watchdog notices for all connections of the process that the context of a running request has ended, or its time.
//
// Neither a goroutine (pgconn), nor a context.AfterFunc, nor a timer for each request: k6 gives each iteration a context of
// its own, so that each is paid with every request: 3 % of the client's time, by profile, and a twelfth of what it
// allocated. Here a request pays for two uncontended locks.
type watchdog struct {
	mu      sync.Mutex
	watched map[*Watch]struct{}
	// runs until it has seen that nothing is watched, which may be after the next connection has come.
	runs bool
}

var watchers = watchdog{watched: make(map[*Watch]struct{})} //nolint:gochecknoglobals // one timer a process is the point

// Watch is what the watchdog knows of one connection.
type Watch struct {
	// Interrupt ends the running request; it is called on a goroutine of its own, at most once a request.
	Interrupt func()

	mu       sync.Mutex
	ctx      context.Context //nolint:containedctx // the running request's; nil between requests
	until    time.Duration   // of the clock; 0: for as long as it takes
	finished chan struct{}   // closed when Interrupt has returned; nil where it was not called
}

// Open has the watchdog look after it until it is closed.
func (w *Watch) Open() {
	watchers.add(w)
}

// Close is called once no request runs any more, or will.
func (w *Watch) Close() {
	watchers.remove(w)
}

func (d *watchdog) add(w *Watch) {
	d.mu.Lock()
	defer d.mu.Unlock()

	d.watched[w] = struct{}{}
	if !d.runs {
		d.runs = true

		go d.run()
	}
}

func (d *watchdog) remove(w *Watch) {
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

func (w *Watch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()

	if w.ctx == nil || w.finished != nil || w.ctx.Err() == nil && (w.until == 0 || clock.Now() < w.until) {
		return
	}

	finished := make(chan struct{})
	w.finished = finished

	go func() {
		defer close(finished)

		w.Interrupt()
	}()
}

// Begin is called before a request is sent.
// `timeout` is how long it may take; 0: as long as the context lasts.
func (w *Watch) Begin(ctx context.Context, timeout time.Duration) {
	if ctx.Done() == nil && timeout == 0 {
		return
	}

	w.mu.Lock()
	defer w.mu.Unlock()

	w.ctx, w.until = ctx, 0
	if timeout > 0 {
		w.until = clock.Now() + timeout
	}
}

// End is called when a request is over. Returns whether it was interrupted, once that is over as well.
func (w *Watch) End() bool {
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
