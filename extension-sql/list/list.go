// Package list gives scripts an array of Go's values.
//
// Both an array of the script engine and a Go slice that it wraps have a table of properties for their length alone: a quarter of
// what a query allocated. An array without one costs a tenth of that, and its values become the script's when it looks at them.
package list

import (
	"encoding/json"

	"github.com/grafana/sobek"
)

// Array is what Export gives of such an array.
type Array struct {
	runtime *sobek.Runtime
	// items are sobek.Values once a script has seen them.
	items []any
}

// New makes an array of the items, which it keeps.
func New(runtime *sobek.Runtime, items []any) *sobek.Object {
	return runtime.NewDynamicArray(&Array{runtime, items})
}

// Len is the array's length.
func (a *Array) Len() int {
	return len(a.items)
}

// Get is the same value each time; nil, which scripts see as undefined, where there is none.
func (a *Array) Get(index int) sobek.Value {
	if index < 0 || index >= len(a.items) {
		return nil
	}

	value, isSeen := a.items[index].(sobek.Value)
	if !isSeen {
		value = a.runtime.ToValue(a.items[index])
		a.items[index] = value
	}

	return value
}

// Set replaces an item, or puts it behind the last.
func (a *Array) Set(index int, value sobek.Value) bool {
	if index < 0 || index >= len(a.items) && !a.SetLen(index+1) {
		return false
	}

	a.items[index] = value

	return true
}

// most items that a script may make room for: more is a mistake of it.
const most = 1 << 24

// SetLen shortens, or adds items that are undefined.
func (a *Array) SetLen(length int) bool {
	if length < 0 || length > most {
		return false
	}

	for len(a.items) < length {
		a.items = append(a.items, sobek.Undefined())
	}

	clear(a.items[length:])
	a.items = a.items[:length]

	return true
}

// Items are the values as Go has them.
func (a *Array) Items() []any {
	items := make([]any, len(a.items))

	for i, item := range a.items {
		if value, isSeen := item.(sobek.Value); isSeen {
			item = Exported(value)
		}

		items[i] = item
	}

	return items
}

// MarshalJSON is for one that lies inside of something else.
func (a *Array) MarshalJSON() ([]byte, error) {
	return json.Marshal(a.Items())
}

// Exported is value.Export(), with such an array as a slice.
func Exported(value sobek.Value) any {
	exported := value.Export()
	if array, is := exported.(*Array); is {
		return array.Items()
	}

	return exported
}
