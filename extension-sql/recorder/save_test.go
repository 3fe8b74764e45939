package recorder_test

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	logged "github.com/sirupsen/logrus/hooks/test"
	"github.com/stretchr/testify/require"
	"go.k6.io/k6/js/modulestest"

	"inference-gap/extension-sql/recorder"
)

// saver is a user with a log, and a folder.
func saver(t *testing.T) (user, string, *logged.Hook) {
	t.Helper()

	u := newUser(t, recorder.New())
	folder := t.TempDir()
	_ = u.VU.RuntimeField.Set("folder", folder)

	var log *logrus.Logger
	log, hook := logged.NewNullLogger()
	u.VU.StateField.Logger = log

	return u, folder, hook
}

func names(t *testing.T, folder string) []string {
	t.Helper()

	entries, err := os.ReadDir(folder)
	require.NoError(t, err)

	all := make([]string, 0, len(entries))
	for _, entry := range entries {
		all = append(all, entry.Name())
	}

	return all
}

func TestSave(t *testing.T) {
	u, folder, hook := saver(t)
	file := filepath.Join(folder, "a file.json")
	require.NoError(t, os.WriteFile(file, []byte("what stood there before, and was longer"), 0o600))
	require.Equal(t, true, u.run(t, `recorder.save(folder + '/a file.json', '{"a": "ä"}')`))

	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, `{"a": "ä"}`, string(text))
	require.Equal(t, []string{"a file.json"}, names(t, folder))
	require.Empty(t, hook.Entries)

	for code, expected := range map[string]string{
		`recorder.save('', 'x')`:            "recorder.save: file is ; expected a path",
		`recorder.save(folder + '/a file')`: "recorder.save: text is undefined",
		`recorder.tryFile()`:                "recorder.tryFile: file is undefined; expected a path",
	} {
		_, err := u.VU.RuntimeField.RunString(code)
		require.ErrorContains(t, err, expected, code)
	}
}

// A report may be linked to where others read it: the link stays, and what it leads to is new.
func TestSaveThroughALink(t *testing.T) {
	u, folder, _ := saver(t)
	below := filepath.Join(folder, "below")
	require.NoError(t, os.Mkdir(below, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(below, "file"), []byte("before"), 0o600))
	require.NoError(t, os.Symlink(filepath.Join("below", "file"), filepath.Join(folder, "link")))
	require.Equal(t, true, u.run(t, `recorder.tryFile(folder + '/link'), recorder.save(folder + '/link', 'new')`))

	info, err := os.Lstat(filepath.Join(folder, "link"))
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink)

	text, err := os.ReadFile(filepath.Join(below, "file"))
	require.NoError(t, err)
	require.Equal(t, "new", string(text))
	require.Equal(t, []string{"below", "link"}, names(t, folder))
	require.Equal(t, []string{"file"}, names(t, below))
}

// A pipe that somebody reads is written to, and stays one.
func TestSaveToAPipe(t *testing.T) {
	u, folder, hook := saver(t)
	file := filepath.Join(folder, "pipe")
	require.NoError(t, syscall.Mkfifo(file, 0o600))

	reader, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	require.NoError(t, err)

	defer reader.Close()

	require.Equal(t, true, u.run(t, `recorder.tryFile(folder + '/pipe'), recorder.save(folder + '/pipe', 'a line')`))
	require.Empty(t, hook.Entries)

	text := make([]byte, len("a line"))
	_, err = io.ReadFull(reader, text)
	require.NoError(t, err)
	require.Equal(t, "a line", string(text))
	require.Equal(t, []string{"pipe"}, names(t, folder))
}

// Before a test runs there is no log to tell of what could not be written.
func TestSaveNeedsATestThatRuns(t *testing.T) {
	runtime := modulestest.NewRuntime(t)
	module := recorder.New().NewModuleInstance(runtime.VU).Exports().Default
	require.NoError(t, runtime.VU.RuntimeField.Set("recorder", module))

	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, runtime.VU.RuntimeField.Set("file", file))

	_, err := runtime.VU.RuntimeField.RunString(`recorder.save(file, 'x')`)
	require.ErrorContains(t, err, "recorder.save: works only while the test runs")
	require.NoFileExists(t, file)
}

// Places that cannot be written, for root as well: refused before, and told afterwards.
func TestSaveWhereNothingCanBe(t *testing.T) {
	u, folder, hook := saver(t)
	file := filepath.Join(folder, "file")
	require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
	require.NoError(t, os.Symlink("circle", filepath.Join(folder, "circle")))
	require.NoError(t, syscall.Mkfifo(filepath.Join(folder, "pipe"), 0o600))

	for path, expected := range map[string]string{
		`folder`:                 "it is a folder",
		`folder + '/file/below'`: "not a directory",
		`folder + '/no/such'`:    "no such file or directory",
		`folder + '/circle'`:     "too many levels of symbolic links",
		// Nobody reads it: whoever waited for that would wait for ever.
		`folder + '/pipe'`: "no such device",
		`'/dev/fd/4000'`:   "bad file descriptor",
	} {
		_, err := u.VU.RuntimeField.RunString(`recorder.tryFile(` + path + `)`)
		require.ErrorContains(t, err, expected, path)
		require.ErrorContains(t, err, "cannot be written", path)

		hook.Reset()
		require.Equal(t, false, u.run(t, `recorder.save(`+path+`, 'x')`), path)
		require.Len(t, hook.Entries, 1, path)
		require.Equal(t, logrus.WarnLevel, hook.LastEntry().Level)
		require.Contains(t, hook.LastEntry().Message, expected)
	}

	require.Equal(t, []string{"circle", "file", "pipe"}, names(t, folder))
}

func TestTryFileLeavesThingsAsTheyAre(t *testing.T) {
	u, folder, _ := saver(t)
	u.run(t, `recorder.tryFile(folder + '/new')`)
	require.Empty(t, names(t, folder))

	require.NoError(t, os.WriteFile(filepath.Join(folder, "old"), []byte("x"), 0o600))
	u.run(t, `recorder.tryFile(folder + '/old')`)
	text, err := os.ReadFile(filepath.Join(folder, "old"))
	require.NoError(t, err)
	require.Equal(t, "x", string(text))
	require.Equal(t, []string{"old"}, names(t, folder))
}

// A full disk: the file of before stays whole.
func TestSaveWithoutRoom(t *testing.T) {
	u, folder, hook := saver(t)
	file := filepath.Join(folder, "file")
	require.NoError(t, os.WriteFile(file, []byte("before"), 0o600))

	var limit syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit))
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 4, Max: limit.Max}))

	written := u.run(t, `recorder.save(folder + '/file', 'longer than there is room for')`)

	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	require.Equal(t, false, written)
	require.Len(t, hook.Entries, 1)

	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "before", string(text))
	require.Equal(t, []string{"file"}, names(t, folder))
}

func TestSaveToADescriptor(t *testing.T) {
	u, _, _ := saver(t)
	// As Node makes them: a socket, which no path leads to.
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	require.NoError(t, err)

	ours := os.NewFile(uintptr(pair[0]), "ours")
	_ = u.VU.RuntimeField.Set("file", "/dev/fd/"+strconv.Itoa(pair[1]))
	u.run(t, `recorder.tryFile(file), recorder.tryFile(file)`)
	// What nobody holds any more is closed by the garbage collector, sooner or later.
	for range 3 {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}

	require.Equal(t, true, u.run(t, `recorder.save(file, '{"a":1}') && recorder.save(file, '2')`))

	read := make(chan string)
	go func() {
		text := make([]byte, len("{\"a\":1}\n2\n"))
		_, _ = io.ReadFull(ours, text)
		read <- string(text)
	}()

	select {
	case text := <-read:
		require.Equal(t, "{\"a\":1}\n2\n", text)
	case <-time.After(5 * time.Second):
		t.Fatal("nothing came")
	}
}

// A file may be called as descriptors are.
func TestSaveToAFileThatIsCalledAsANumber(t *testing.T) {
	u, folder, _ := saver(t)
	t.Chdir(folder)
	require.Equal(t, true, u.run(t, `recorder.save('1', 'x')`))
	require.Equal(t, []string{"1"}, names(t, folder))
}
