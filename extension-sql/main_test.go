package main_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// binary is k6 as users get it.
var binary string //nolint:gochecknoglobals // built once for all tests

func TestMain(m *testing.M) {
	os.Exit(withBinary(m.Run))
}

func withBinary(run func() int) int {
	if os.Getenv("POSTGRES_URL") == "" {
		_, _ = os.Stderr.WriteString("POSTGRES_URL is not set: these tests need a real Postgres; " +
			"`npm test` starts one, or give postgres://user:password@127.0.0.1:port/database\n")

		return 1
	}

	folder, err := os.MkdirTemp("", "k6")
	if err != nil {
		panic(err)
	}

	defer func() { _ = os.RemoveAll(folder) }()

	binary = filepath.Join(folder, "k6")

	build := exec.Command("go", "build", "-o", binary, ".")
	build.Stderr = os.Stderr

	if err := build.Run(); err != nil {
		return 1
	}

	return run()
}

// k6 runs a script and returns what it wrote.
func k6(t *testing.T, script string, environment ...string) string {
	t.Helper()

	file := filepath.Join(t.TempDir(), "script.js")
	require.NoError(t, os.WriteFile(file, []byte(script), 0o600))

	command := exec.Command(binary, "run", "--quiet", "--address", "", "--no-color", file)
	command.Env = append(os.Environ(), "K6_NO_USAGE_REPORT=true", "K6_AUTO_EXTENSION_RESOLUTION=false")
	command.Env = append(command.Env, environment...)

	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))

	return string(output)
}

func TestExampleOfTheReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)

	example := regexp.MustCompile("(?s)```js\n(.*?)```").FindSubmatch(readme)
	require.NotNil(t, example)

	server, err := url.Parse(os.Getenv("POSTGRES_URL"))
	require.NoError(t, err)

	query := server.Query()
	query.Set("query_mode", "prepared")
	server.RawQuery = query.Encode()

	const placeholder = "postgres://user@127.0.0.1:5432/flights?query_mode=prepared"

	require.Contains(t, string(example[1]), placeholder)

	var ok struct {
		Count int64
		P50Ms float64
	}

	output := k6(t, strings.Replace(string(example[1]), placeholder, server.String(), 1))
	require.NoError(t, json.Unmarshal([]byte(output), &ok), output)
	require.EqualValues(t, 1, ok.Count)
	require.Positive(t, ok.P50Ms)
}

// k6's own transport, not one that a test made.
func TestClosesIdleConnectionsOfK6(t *testing.T) {
	var opened atomic.Int64

	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)

	k6(t, `import http from 'k6/http'
		import { closeIdleConnections } from 'k6/x/recorder'
		export default function () {
			for (let block = 0; block < 3; block++) {
				for (let i = 0; i < 5; i++) http.get(__ENV.SERVER_URL)
				closeIdleConnections()
			}
		}
		export const handleSummary = () => ({})`, "SERVER_URL="+server.URL)
	require.EqualValues(t, 3, opened.Load())
}

func TestSQLThresholds(t *testing.T) {
	output := k6(t, `import recorder from 'k6/x/recorder'
		export const options = { thresholds: {
			'sql_req_duration{target:postgres}': ['max==2'], 'sql_req_failed{target:postgres}': ['rate==0.5'], sql_reqs: ['count==4'],
		} }
		export default function () {
			for (const target of ['postgres', 'other']) {
				const series = recorder.series({ target, block: 'b', metric: 'sql' })
				for (const ok of [true, false]) series.recordDuration(target === 'other' ? 3 : 2, ok)
			}
		}
		export const handleSummary = () => ({ stdout: 'done' })`)
	require.Contains(t, output, "done") // and its exit code was 0: the thresholds held
}
