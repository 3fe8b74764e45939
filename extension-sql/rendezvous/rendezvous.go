// Package rendezvous lets virtual users meet: whoever comes waits for the others, then all go on at the same moment with
// the sums of what each brought along.
//
// k6 starts virtual users on a fixed schedule. Blocks that alternate every few milliseconds, warm-ups that end when the rate
// is steady and arrivals at a given rate need users who agree while the test runs; a meeting is all that takes.
package rendezvous

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/js/common"
	"go.k6.io/k6/js/modules"

	"inference-gap/extension-sql/clock"
	"inference-gap/extension-sql/failure"
	"inference-gap/extension-sql/finetimer"
	"inference-gap/extension-sql/line"
)

// ImportPath is the module's path in scripts.
const ImportPath = "k6/x/rendezvous"

func init() { //nolint:gochecknoinits // how k6 learns of extensions
	modules.Register(ImportPath, New())
}

// Root is the module of one process; all virtual users meet in it.
type Root struct {
	mu       sync.Mutex
	meetings map[string]*meeting
	counters map[string]*atomic.Int64
	// processes of arrivals, by name.
	processes map[string]*arrivals
	patience  patience
}

// New makes a module in which nobody has met yet.
func New() *Root {
	return NewPatient(Patience)
}

// NewPatient makes one with another patience.
func NewPatient(limit time.Duration) *Root {
	return &Root{
		meetings: map[string]*meeting{}, counters: map[string]*atomic.Int64{}, processes: map[string]*arrivals{},
		patience: patience{limit: limit, inVain: make(chan struct{})},
	}
}

// meeting does not change any more once it is over. It is kept to the end, as thousands of others are.
type meeting struct {
	parties int
	arrived int
	sums    []float64
	at      time.Duration
	// over is closed when the meeting is over, and nil from then on: only who waits has it.
	over chan struct{}
}

// arrive counts one party in, and ends the meeting if it is the last. What is returned is closed when it is over.
func (r *Root) arrive(name string, parties int, values []float64) (*meeting, <-chan struct{}, error) {
	r.mu.Lock()
	defer r.mu.Unlock()

	one, known := r.meetings[name]
	if !known {
		one = &meeting{parties: parties, sums: make([]float64, len(values)), over: make(chan struct{})}
		r.meetings[name] = one
	}

	switch {
	case one.parties != parties:
		return nil, nil, fmt.Errorf("parties of '%s' is %d, another virtual user said %d", name, parties, one.parties)
	case len(one.sums) != len(values):
		return nil, nil, fmt.Errorf("'%s' got %d values, %d from another virtual user", name, len(values), len(one.sums))
	case one.arrived == one.parties:
		return nil, nil, fmt.Errorf("'%s' is over: all %d parties have met", name, one.parties)
	}

	for i, value := range values {
		one.sums[i] += value
	}

	over := one.over

	if one.arrived++; one.arrived == one.parties {
		one.at = clock.Now()
		one.over = nil

		close(over)
	}

	r.patience.begin(r)

	return one, over, nil
}

// wait returns when the meeting is over, with the context's error, or when others have been waited for in vain.
func (r *Root) wait(ctx context.Context, over <-chan struct{}) error {
	select {
	case <-over:
		return nil
	default:
	}

	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-r.patience.inVain:
		return r.patience.why
	}
}

func (r *Root) counter(name string) *atomic.Int64 {
	r.mu.Lock()
	defer r.mu.Unlock()

	one, known := r.counters[name]
	if !known {
		one = &atomic.Int64{}
		r.counters[name] = one
	}

	return one
}

// NewModuleInstance is called by k6 once for each virtual user.
func (r *Root) NewModuleInstance(vu modules.VU) modules.Instance {
	user := &user{vu: vu, root: r}
	runtime := vu.Runtime()
	exports := modules.Exports{Default: runtime.NewObject(), Named: map[string]any{}}

	for name, function := range map[string]func(sobek.FunctionCall) sobek.Value{
		"arrival":   user.arrival,
		"meet":      user.meet,
		"meetings":  user.meetings,
		"turn":      user.turn,
		"waitUntil": user.waitUntil,
	} {
		value := runtime.ToValue(function)
		_ = exports.Default.(*sobek.Object).Set(name, value) // fails only where an object is frozen
		exports.Named[name] = value
	}

	return instance{exports}
}

type instance struct {
	exports modules.Exports
}

// Exports gives everything both by name and on the default export.
func (i instance) Exports() modules.Exports {
	return i.exports
}

// user is the module as one virtual user sees it.
type user struct {
	timer finetimer.Timer
	vu    modules.VU
	root  *Root
}

func (u *user) refuse(format string, args ...any) {
	panic(u.vu.Runtime().NewTypeError(fmt.Sprintf(format, args...)))
}

func (u *user) name(function string, given sobek.Value) string {
	text, isText := given.Export().(string)
	if !isText || text == "" {
		u.refuse("rendezvous.%s: name is %v; expected a string that is not empty", function, given)
	}

	return text
}

// finite is strict: neither '1' nor {} is a number.
func finite(value sobek.Value) (float64, bool) {
	switch exported := value.Export().(type) {
	case int64:
		return float64(exported), true
	case float64:
		return exported, !math.IsNaN(exported) && !math.IsInf(exported, 0)
	default:
		return 0, false
	}
}

func (u *user) values(given sobek.Value) []float64 {
	if common.IsNullish(given) {
		return nil
	}

	list, isList := given.Export().([]any)
	if !isList {
		u.refuse("rendezvous.meet: values is %v; expected an array of numbers", given)
	}

	values := make([]float64, len(list))

	for i, each := range list {
		value, isNumber := finite(u.vu.Runtime().ToValue(each))
		if !isNumber {
			u.refuse("rendezvous.meet: values[%d] is %v; expected a finite number", i, each)
		}

		values[i] = value
	}

	return values
}

// running is the context that ends with the test; there is none in the init context.
func (u *user) running(function string) context.Context {
	if u.vu.State() == nil {
		u.refuse("rendezvous.%s: works only while the test runs, not in the init context", function)
	}

	return u.vu.Context()
}

// interrupted ends the script as k6 itself does when the test is over.
func (u *user) interrupted(err error) {
	failure.Throw(u.vu.Runtime(), err)
}

// meet is rendezvous.meet(name, parties, values).
func (u *user) meet(call sobek.FunctionCall) sobek.Value {
	ctx := u.running("meet")

	name := u.name("meet", call.Argument(0))

	parties, isNumber := finite(call.Argument(1))
	if !isNumber || parties < 1 || parties != math.Trunc(parties) {
		u.refuse("rendezvous.meet: parties is %v; expected a whole number of at least 1", call.Argument(1))
	}

	one, over, err := u.root.arrive(name, int(parties), u.values(call.Argument(2)))
	if err != nil {
		u.refuse("rendezvous.meet: %s", err)
	}

	if err := u.root.wait(ctx, over); err != nil {
		var inVain inVainError
		if errors.As(err, &inVain) {
			return u.abort(inVain.Error())
		}

		u.interrupted(err)
	}

	return u.outcome(one)
}

func (u *user) outcome(one *meeting) sobek.Value {
	runtime := u.vu.Runtime()

	sums := make([]any, len(one.sums))
	for i, sum := range one.sums {
		sums[i] = sum
	}

	object := runtime.NewObject()
	_ = object.Set("at", clock.Milliseconds(one.at))
	_ = object.Set("sums", runtime.NewArray(sums...))

	return object
}

// meetings is rendezvous.meetings(): those that are over.
func (u *user) meetings(sobek.FunctionCall) sobek.Value {
	u.root.mu.Lock()
	defer u.root.mu.Unlock()

	all := u.vu.Runtime().NewObject()

	for name, one := range u.root.meetings {
		if one.arrived == one.parties {
			_ = all.Set(name, u.outcome(one))
		}
	}

	return all
}

// turn is rendezvous.turn(name, by): 0 for the first call of any virtual user, then 1, 2, …
func (u *user) turn(call sobek.FunctionCall) sobek.Value {
	by := int64(1)

	if given := call.Argument(1); !common.IsNullish(given) {
		value, isNumber := finite(given)
		if !isNumber || (value != 0 && value != 1) {
			u.refuse("rendezvous.turn: by is %v; expected 0 or 1", given)
		}

		by = int64(value)
	}

	turn := u.root.counter(u.name("turn", call.Argument(0))).Add(by) - by

	return u.vu.Runtime().ToValue(turn)
}

// waitUntil is rendezvous.waitUntil(at): returns at once when that is past.
func (u *user) waitUntil(call sobek.FunctionCall) sobek.Value {
	ctx := u.running("waitUntil")

	at, isNumber := finite(call.Argument(0))
	if !isNumber || at < 0 || at > mostMilliseconds {
		u.refuse("rendezvous.waitUntil: at is %v; expected milliseconds of the clock, 0 or more", call.Argument(0))
	}

	due := time.Duration(at * float64(time.Millisecond))

	line.Timed()

	// As long as it takes: a wait may end early.
	for left := due - clock.Now(); left > 0; left = due - clock.Now() {
		if err := ctx.Err(); err != nil {
			u.interrupted(err)
		}

		u.timer.Sleep(min(left, lookInterval))
	}

	return sobek.Undefined()
}

// lookInterval is how late, at most, it is noticed that the test is over.
const lookInterval = 50 * time.Millisecond

// mostMilliseconds is some 29 years: more would not fit the clock's nanoseconds.
const mostMilliseconds = 9e11
