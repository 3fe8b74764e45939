package recorder_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"inference-gap/extension-sql/recorder"
)

func TestSave(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a file.json")
	u := newUser(t, recorder.New())
	_ = u.VU.RuntimeField.Set("file", file)
	u.run(t, `recorder.save(file, '{"a": "ä"}')`)

	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, `{"a": "ä"}`, string(text))

	for code, expected := range map[string]string{
		`recorder.save('', 'x')`:                "recorder.save: file is ; expected a path",
		`recorder.save(file)`:                   "recorder.save: text is undefined",
		`recorder.save(file + '/below', 'x')`:   "expected a file that can be written",
		`recorder.save('/no/such/folder', 'x')`: "no such file or directory",
	} {
		_, err := u.VU.RuntimeField.RunString(code)
		require.ErrorContains(t, err, expected, code)
	}
}
