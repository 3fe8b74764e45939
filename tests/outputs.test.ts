/** k6's own outputs and its dashboard with our scenarios, each with something that takes what it gives. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundle } from '../build/bundles.ts'
import { root } from '../build/paths.ts'
import { readMeasurement } from '../gap/measurement.ts'
import { freePort } from '../targets/port.ts'
import { Stack } from '../targets/stack.ts'
import { bothSides, k6Run } from './program.ts'
import { findPrometheus, startPrometheus } from './prometheus.ts'

const stack = new Stack({ asked: bothSides })
let folder: string
let targets: Record<string, string>

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'outputs '))
  for (const { work } of stack.steps) await work(() => {})
  targets = { POSTGRES_URL: stack.postgres?.url ?? '', PYTHON_URL: stack.service?.url ?? '' }
})
afterAll(async () => {
  await stack.stop()
  await rm(folder, { recursive: true })
})

const quick = { CLIENTS: '2', DURATION: '2', PAIRS: '2', BLOCK_SECONDS: '1', WARMUP_SECONDS: '1' }

/** Bounds play no part here: 99 is a threshold crossed by a busy machine. */
async function ran(scenario: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const { code, output } = await k6Run(bundle(scenario), { ...targets, ...quick, ...env }, args)
  expect([0, 99], output).toContain(code)
}

interface Point {
  metric: string
  type: string
  data: { value: number; tags: Record<string, string> }
}

test('--out json has a sample for each query, with its tags', async () => {
  const file = path.join(folder, 'samples.json')
  await ran('compare', ['--out', `json=${file}`])
  const points = (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Point)
    .filter(({ type }) => type === 'Point')
  const of = (metric: string) => points.filter((point) => point.metric === metric)
  expect(of('sql_reqs')).toHaveLength(of('sql_req_duration').length)
  const measured = of('sql_req_duration').filter(({ data }) => data.tags.phase === 'measure')
  expect(measured.length).toBeGreaterThan(0)
  for (const { data } of measured) {
    expect(data.tags).toMatchObject({ side: 'postgres', clients: '2' })
    expect(data.value).toBeGreaterThan(0)
  }
  expect(of('http_req_duration').some(({ data }) => data.tags.side === 'python')).toBe(true)
  // A sample a pair.
  expect(of('gap_tps_ratio')).toHaveLength(2)
})

test('--out csv has a row for each query', async () => {
  const file = path.join(folder, 'samples.csv')
  await ran('postgres-predict', ['--out', `csv=${file}`])
  const rows = parse(await readFile(file, 'utf8'), { columns: true }) as Record<string, string>[]
  const own = rows.filter(({ metric_name }) => metric_name === 'sql_req_duration')
  expect(own.length).toBeGreaterThan(0)
  expect(rows.filter(({ metric_name }) => metric_name === 'sql_reqs')).toHaveLength(own.length)
  for (const { metric_value } of own) expect(Number(metric_value)).toBeGreaterThan(0)
})

test('the web dashboard answers during the test and leaves its report', async () => {
  const file = path.join(folder, 'dashboard.html')
  const port = await freePort()
  let isOver = false
  const done = ran('postgres-predict', [], {
    ...{ DURATION: '4', K6_WEB_DASHBOARD: 'true', K6_WEB_DASHBOARD_HOST: '127.0.0.1' },
    ...{ K6_WEB_DASHBOARD_PORT: String(port), K6_WEB_DASHBOARD_PERIOD: '1s', K6_WEB_DASHBOARD_EXPORT: file },
  })
  void done.finally(() => (isOver = true)).catch(() => {})
  let page = ''
  while (page === '' && !isOver) {
    page = await fetch(`http://127.0.0.1:${port}/ui/`).then(
      (answer) => (answer.ok ? answer.text() : ''),
      () => '',
    )
    if (page === '') await sleep(100)
  }
  await done
  expect(page).toContain('<html')
  const data = /<script[^>]*id="data"[^>]*>([^<]+)</.exec(await readFile(file, 'utf8'))?.[1] ?? ''
  expect(gunzipSync(Buffer.from(data.trim(), 'base64')).toString()).toContain('sql_req_duration')
})

test('--out opentelemetry sends our metrics', async () => {
  const received: Buffer[] = []
  const server = createServer((request, response) => {
    if (request.url === '/v1/metrics')
      request.on('data', (part: Buffer) => void received.push(part)).on('end', () => response.end())
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await ran('postgres-predict', ['--out', 'opentelemetry'], {
      ...{ K6_OTEL_EXPORTER_PROTOCOL: 'http/protobuf', K6_OTEL_HTTP_EXPORTER_INSECURE: 'true' },
      K6_OTEL_HTTP_EXPORTER_ENDPOINT: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    })
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const text = Buffer.concat(received).toString('latin1')
  for (const metric of ['sql_req_duration', 'sql_reqs', 'sql_req_failed']) expect(text).toContain(metric)
})

const program = await findPrometheus()

test.skipIf(!program)('Prometheus has what each panel of the Grafana dashboard asks for', async () => {
  const dashboard = JSON.parse(
    await readFile(path.join(root, 'examples', 'grafana', 'inference-gap.json'), 'utf8'),
  ) as { panels: { title: string; targets: { expr: string }[] }[] }
  const prometheus = await startPrometheus(program as string)
  try {
    const began = Date.now() / 1000
    const summary = path.join(folder, 'measured.json')
    await ran('compare', ['--out', 'experimental-prometheus-rw'], {
      SUMMARY_FILE: summary,
      K6_PROMETHEUS_RW_SERVER_URL: new URL('api/v1/write', prometheus.url).href,
      K6_PROMETHEUS_RW_TREND_STATS: 'p(50),p(95),p(99)',
      K6_PROMETHEUS_RW_PUSH_INTERVAL: '1s',
    })
    const ask = async (expr: string) => {
      const url = new URL('api/v1/query_range', prometheus.url)
      const query = expr.replace('$__rate_interval', '30s')
      // What is sent at the very end of a run is a moment old at the next step.
      const end = String(Date.now() / 1000 + 2)
      url.search = new URLSearchParams({ query, start: String(began), end, step: '1' }).toString()
      const answer = (await (await fetch(url)).json()) as {
        data: { result: { metric: Record<string, string>; values: [number, string][] }[] }
      }
      return answer.data.result
    }
    const silent: string[] = []
    for (const { title, targets } of dashboard.panels)
      for (const { expr } of targets) {
        const numbers = (await ask(expr)).flatMap(({ values }) => values.map(([, value]) => Number(value)))
        if (!numbers.some(Number.isFinite)) silent.push(`${title}: ${expr}`)
      }
    expect(silent).toEqual([])
    // Seconds, not milliseconds, as the panels say: what the same run left in milliseconds is some thousand times as much.
    const [latency] = await ask('k6_sql_req_duration_p50{side="postgres",phase="measure"}')
    const { blocks } = await readMeasurement(summary)
    const ms = blocks.find(({ key, phase }) => key === 'postgres' && phase === 'measure')?.ok.p50Ms as number
    const times = ms / Number(latency?.values.at(-1)?.[1])
    expect(times).toBeGreaterThan(30)
    expect(times).toBeLessThan(30_000)
    const [gap] = await ask('k6_gap_tps_ratio_p50{side="postgres"}')
    expect(Number(gap?.values.at(-1)?.[1])).toBeGreaterThan(0)
  } finally {
    await prometheus.stop()
  }
})
