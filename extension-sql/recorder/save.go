package recorder

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/grafana/sobek"
)

// save is recorder.save(file, text). k6 itself writes files for handleSummary only, and whoever wants that has k6 keep
// every sample of the test in memory. What has been measured is not thrown away because one file of it cannot be written:
// that is told, and the test goes on.
func (u *user) save(call sobek.FunctionCall) sobek.Value {
	file := u.fileOf("save", call)

	text, isText := call.Argument(1).Export().(string)
	if !isText {
		u.refuse("recorder.save: text is %v; expected a string", call.Argument(1))
	}

	state := u.vu.State()
	if state == nil {
		u.refuse("recorder.save: works only while the test runs, not in the init context")
	}

	err := write(file, text)
	if err != nil {
		state.Logger.Warnf("recorder.save: %s could not be written: %s", file, err)
	}

	return u.vu.Runtime().ToValue(err == nil)
}

// tryFile is recorder.tryFile(file): whether save could write it, asked in the init context, before anything is measured.
func (u *user) tryFile(call sobek.FunctionCall) sobek.Value {
	file := u.fileOf("tryFile", call)
	if err := try(file); err != nil {
		panic(u.vu.Runtime().NewGoError(fmt.Errorf("%s cannot be written: %w; expected a file that can be", file, err)))
	}

	return sobek.Undefined()
}

func (u *user) fileOf(function string, call sobek.FunctionCall) string {
	file, isFile := call.Argument(0).Export().(string)
	if !isFile || file == "" {
		u.refuse("recorder.%s: file is %v; expected a path", function, call.Argument(0))
	}

	return file
}

// descriptors are kept, each once: of what nobody holds any more the descriptor is closed, whoever else writes to it.
var (
	descriptors     = map[uint64]*os.File{}
	descriptorsLock sync.Mutex
)

// descriptorOf is the open descriptor that a path names, as /dev/fd/3. The system cannot open it once more where it is a socket.
func descriptorOf(file string) (*os.File, bool) {
	number, err := strconv.ParseUint(strings.TrimPrefix(file, "/dev/fd/"), 10, 16)
	if err != nil || !strings.HasPrefix(file, "/dev/fd/") {
		return nil, false
	}

	descriptorsLock.Lock()
	defer descriptorsLock.Unlock()

	if descriptors[number] == nil {
		descriptors[number] = os.NewFile(uintptr(number), file)
	}

	return descriptors[number], true
}

var errFolder = errors.New("it is a folder")

// special is whether something else than a file stands there, as a pipe, which nothing can take the place of.
func special(file string) (bool, error) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case info.IsDir():
		return false, errFolder
	}

	return !info.Mode().IsRegular(), nil
}

// write leaves all of the text or nothing; to a descriptor it goes as a line.
func write(file, text string) error {
	if descriptor, is := descriptorOf(file); is {
		_, err := descriptor.WriteString(text + "\n")

		return err
	}

	isSpecial, err := special(file)
	if err != nil {
		return err
	}

	if isSpecial {
		return writeInPlace(file, text)
	}

	return writeBeside(file, text, os.Rename)
}

func try(file string) error {
	if descriptor, is := descriptorOf(file); is {
		_, err := descriptor.Stat()

		return err
	}

	isSpecial, err := special(file)
	if err != nil {
		return err
	}

	if isSpecial {
		return writeInPlace(file, "")
	}

	return writeBeside(file, "x", func(beside, _ string) error { return os.Remove(beside) })
}

func writeInPlace(file, text string) error {
	opened, err := os.OpenFile(file, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}

	_, err = opened.WriteString(text)

	return errors.Join(err, opened.Close())
}

// writeBeside writes a new file in the same folder and hands it to finish, which puts it in its place.
func writeBeside(file, text string, finish func(beside, file string) error) error {
	// A link stays one.
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}

	beside, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return err
	}

	_, err = beside.WriteString(text)
	err = errors.Join(err, beside.Close())

	if err == nil {
		err = finish(beside.Name(), file)
	}

	if err != nil {
		return errors.Join(err, os.Remove(beside.Name()))
	}

	return nil
}
