package recorder

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/grafana/sobek"
	"go.k6.io/k6/js/common"
)

const (
	// maxKinds bounds what a side can make the recorder remember.
	maxKinds = 64
	// maxMessage bounds a message's characters.
	maxMessage = 300
	// unknownKind is that of a failure of which the script said nothing.
	unknownKind = "other"
)

// failures are counted by kind; nil: none yet.
type failures map[string]*failureCount

// failureCount is how often something failed in one way, and what was said when it first did.
type failureCount struct {
	count   int64
	first   time.Duration // of the clock
	message string
}

func (f *failures) add(kind string, other failureCount) {
	if *f == nil {
		*f = make(failures)
	}

	known := (*f)[kind]
	if known == nil && f.isFull() {
		kind = otherName
		known = (*f)[kind]
	}

	if known == nil {
		(*f)[kind] = &other

		return
	}

	known.count += other.count

	if other.first < known.first {
		known.first, known.message = other.first, other.message
	}
}

// isFull: what is new is counted with the others, which are a kind of their own.
func (f *failures) isFull() bool {
	kinds := len(*f)
	if _, is := (*f)[otherName]; is {
		kinds--
	}

	return kinds >= maxKinds
}

// merge begins with what is frequent: should there be too many kinds, the rare ones are the others.
func (f *failures) merge(other failures) {
	for _, kind := range other.byCount() {
		f.add(kind, *other[kind])
	}
}

// byCount are the kinds, the most frequent first.
func (f failures) byCount() []string {
	return slices.SortedFunc(maps.Keys(f), func(a, b string) int {
		return cmp.Or(cmp.Compare(f[b].count, f[a].count), cmp.Compare(a, b))
	})
}

// reason is why a request failed, as a script tells it.
type reason struct {
	kind, message string
}

// reasonOf reads the arguments that a request which failed may have after its label.
func reasonOf(call sobek.FunctionCall) reason {
	const kindAt, messageAt = 3, 4

	given := reason{kind: unknownKind}
	if kind := call.Argument(kindAt); !common.IsNullish(kind) && kind.String() != "" {
		given.kind = shortened(kind.String())
	}

	if message := call.Argument(messageAt); !common.IsNullish(message) {
		given.message = shortened(message.String())
	}

	return given
}

// shortened is a message in one line. What a server says must not move a terminal's cursor.
func shortened(message string) string {
	line := strings.Map(func(one rune) rune {
		if unicode.IsControl(one) {
			return utf8.RuneError
		}

		return one
	}, strings.Join(strings.Fields(message), " "))
	if utf8.RuneCountInString(line) <= maxMessage {
		return line
	}

	return string([]rune(line)[:maxMessage]) + "…"
}

type exportedFailure struct {
	Kind    string `json:"kind"`
	Count   int64  `json:"count"`
	Message string `json:"message"`
}

// export gives the most frequent first.
func (f failures) export() []exportedFailure {
	all := make([]exportedFailure, 0, len(f))
	for _, kind := range f.byCount() {
		all = append(all, exportedFailure{Kind: kind, Count: f[kind].count, Message: f[kind].message})
	}

	return all
}
