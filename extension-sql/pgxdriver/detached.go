package pgxdriver

import "context"

// Detach gives a context that, for database/sql, never ends; this driver still sees to the end of the one within.
//
// For each result of a context that can end database/sql starts a goroutine which waits for that, and k6's contexts all
// can. A result is read here before database/sql gets it, so that goroutine can only waste time: waking it cost a tenth
// of a query. The watchdog notices the end, as it does anyway.
func Detach(ctx context.Context) context.Context {
	return detached{context.WithoutCancel(ctx), ctx}
}

type detached struct {
	context.Context //nolint:containedctx // it is a context

	whole context.Context //nolint:containedctx // the one that can end
}

type wholeKey struct{}

// Value finds the whole context also below one with a timeout, which database/sql or xk6-sql derived from this.
func (d detached) Value(key any) any {
	if key == (wholeKey{}) {
		return d.whole
	}

	return d.Context.Value(key)
}

// attach gives back a context that ends when the whole one does, or earlier. `release` is called when it is not used any more.
func attach(ctx context.Context) (attached context.Context, release func()) {
	if direct, is := ctx.(detached); is {
		return direct.whole, func() {}
	}

	whole, is := ctx.Value(wholeKey{}).(context.Context)
	if !is {
		return ctx, func() {}
	}

	both, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(whole, cancel)

	return both, func() {
		stop()
		cancel()
	}
}
