package recorder

import (
	"fmt"
	"os"

	"github.com/grafana/sobek"
)

// save is recorder.save(file, text). k6 itself writes files for handleSummary only, and whoever wants that has k6 keep
// every sample of the test in memory.
func (u *user) save(call sobek.FunctionCall) sobek.Value {
	file, isFile := call.Argument(0).Export().(string)
	if !isFile || file == "" {
		u.refuse("recorder.save: file is %v; expected a path", call.Argument(0))
	}

	text, isText := call.Argument(1).Export().(string)
	if !isText {
		u.refuse("recorder.save: text is %v; expected a string", call.Argument(1))
	}

	if u.vu.State() == nil {
		u.refuse("recorder.save: works only while the test runs, not in the init context")
	}

	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		panic(u.vu.Runtime().NewGoError(fmt.Errorf("recorder.save: %w; expected a file that can be written", err)))
	}

	return sobek.Undefined()
}
