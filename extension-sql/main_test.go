package main_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

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

	const placeholder = "postgres://user@127.0.0.1:5432/shop?query_mode=prepared"

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

// Beside k6/http, whose metrics of these names they are.
func TestHTTPThresholds(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(to http.ResponseWriter, _ *http.Request) { _, _ = to.Write([]byte("[1]")) }))
	t.Cleanup(server.Close)

	output := k6(t, `import http from 'k6/http'
		import clock from 'k6/x/clock'
		import request from 'k6/x/request'
		import recorder from 'k6/x/recorder'
		export const options = { thresholds: {
			'http_reqs{side:ours}': ['count==5'], http_reqs: ['count==6'], 'http_req_failed{side:ours}': ['rate==0.2'],
			'http_req_duration{side:ours}': ['max>0'],
		} }
		export default function () {
			const service = request.open(__ENV.SERVER_URL)
			const series = recorder.series({ side: 'ours', block: 'b', metric: 'http' })
			for (let i = 0; i < 5; i++) {
				const startedAt = clock.now()
				series.record(startedAt, service.send('[1]')[0] === 1 && i > 0)
			}
			http.post(__ENV.SERVER_URL, '[1]')
		}
		export const handleSummary = () => ({ stdout: 'done' })`, "SERVER_URL="+server.URL)
	require.Contains(t, output, "done") // and its exit code was 0: the thresholds held
}

func TestSQLThresholds(t *testing.T) {
	output := k6(t, `import recorder from 'k6/x/recorder'
		export const options = { thresholds: {
			'sql_req_duration{side:postgres}': ['max==2'], 'sql_req_failed{side:postgres}': ['rate==0.5'], sql_reqs: ['count==4'],
		} }
		export default function () {
			for (const side of ['postgres', 'other']) {
				const series = recorder.series({ side, block: 'b', metric: 'sql' })
				for (const ok of [true, false]) series.recordDuration(side === 'other' ? 3 : 2, ok)
			}
		}
		export const handleSummary = () => ({ stdout: 'done' })`)
	require.Contains(t, output, "done") // and its exit code was 0: the thresholds held
}

// k6 gets samples many at once; none may be missing at the end, wherever it was recorded.
func TestNoSampleIsLost(t *testing.T) {
	output := filepath.Join(t.TempDir(), "samples.json")
	before := time.Now()

	k6(t, `import { sleep } from 'k6'
		import exec from 'k6/execution'
		import recorder from 'k6/x/recorder'
		const record = (side, times) => {
			const series = recorder.series({ side, block: 'b', metric: 'sql' })
			for (let i = 0; i < times; i++) series.recordDuration(2, i % 2 === 0)
		}
		export const options = {
			scenarios: {
				many: { executor: 'per-vu-iterations', vus: 5, iterations: 3, exec: 'many' },
				tagged: { executor: 'shared-iterations', vus: 1, iterations: 1, exec: 'tagged' },
				stopped: { executor: 'constant-vus', vus: 1, duration: '3s', gracefulStop: '0s', exec: 'stopped' },
			},
			thresholds: {
				'sql_reqs{side:many}': ['count==30000'], 'sql_req_failed{side:many}': ['rate==0.5'], 'sql_reqs{side:setup}': ['count==3'],
				'sql_reqs{side:teardown}': ['count==5'], 'sql_reqs{part:first}': ['count==7'], 'sql_reqs{part:second}': ['count==8'],
				'sql_reqs{side:stopped}': ['count==9'],
			},
		}
		export const setup = () => record('setup', 3)
		export const many = () => record('many', 2000)
		export const tagged = () => {
			exec.vu.metrics.tags.part = 'first'
			exec.vu.metrics.metadata.of = 'one'
			record('tagged', 7)
			exec.vu.metrics.tags.part = 'second'
			record('tagged', 8)
		}
		export const stopped = () => { record('stopped', 9); sleep(10) }
		export const teardown = () => record('teardown', 5)
		export const handleSummary = () => ({})`, "K6_OUT=json="+output)

	written, err := os.ReadFile(output)
	require.NoError(t, err)

	points := 0

	for line := range strings.Lines(string(written)) {
		var point struct {
			Type, Metric string
			Data         struct {
				Time     time.Time
				Metadata map[string]string
				Tags     map[string]string
			}
		}
		require.NoError(t, json.Unmarshal([]byte(line), &point))

		if point.Type != "Point" || point.Metric != "sql_reqs" {
			continue
		}

		points++

		require.WithinRange(t, point.Data.Time, before, time.Now())

		if point.Data.Tags["side"] == "tagged" {
			require.Equal(t, "one", point.Data.Metadata["of"])
		}
	}

	require.Equal(t, 30000+3+5+7+8+9, points)
}
