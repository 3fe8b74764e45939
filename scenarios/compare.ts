/**
 * Both targets in turn within one run: blocks of a few seconds at each number of clients, the order turning round from
 * pair to pair. Each block opens its connections anew. Its figures come from the requests that finished inside its
 * steady window; each pair gives one ratio.
 */
import exec from 'k6/execution'
import { Counter, Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import clock from 'k6/x/clock'
import recorder, { type RecordedSeries, type Series } from 'k6/x/recorder'
import type { Measurement } from '../gap/measurement.ts'
import type { Ask } from './lib/ask.ts'
import { draw } from './lib/keys.ts'
import { pairRatios, tpsOf } from './lib/pairs.ts'
import { type Block, plan } from './lib/plan.ts'
import { checkPostgresSettings, connectPostgres } from './lib/postgres.ts'
import { checkPythonSettings, connectPython } from './lib/python.ts'
import { askOnce } from './lib/request.ts'
import { queryMode, seconds, seed, sides, text, wholeNumber, wholeNumbers } from './lib/settings.ts'
import { noWrongAnswers, readThresholds, targetThresholds } from './lib/thresholds.ts'

const settings = {
  clients: wholeNumbers('CLIENTS', [1]),
  pairs: wholeNumber('PAIRS', 6),
  blockSeconds: seconds('BLOCK_SECONDS', 2),
  warmupSeconds: seconds('WARMUP_SECONDS', 2),
  seed: seed(),
  sides: sides(),
}
if (settings.sides.includes('postgres')) checkPostgresSettings()
if (settings.sides.includes('python')) checkPythonSettings()
const blocks = plan(settings)
const startedAt = Date.now()
const summaryFile = text('SUMMARY_FILE', '')
const thresholds = readThresholds()

/** Seconds at a block's beginning and end that do not count: connections are opened, virtual users start and stop. */
const lead = 0.3
const trail = 0.1

const measured = '{phase:measure}'

/** thresholds.json for what this run compares: a target against itself or alone has no gap to be expected. */
function expected(): Record<string, string[]> {
  const own: Record<string, string[]> = { ...noWrongAnswers, broken_premises: ['count==0'] }
  if (settings.sides.join() !== 'postgres,python') return own
  for (const target of settings.sides) {
    Object.assign(own, targetThresholds(target, thresholds[target], measured))
    own[`tps{target:${target}}`] = [`med>=${thresholds[target].minTps}`]
  }
  own.gap_tps_ratio = [`med>=${thresholds.gap.minTpsRatio}`]
  for (const [name, least] of Object.entries(thresholds.gap.minLatencyRatio))
    own[`gap_latency_${name}_ratio`] = [`med>=${least}`]
  return own
}

export const options: Options = {
  scenarios: Object.fromEntries(
    blocks.map((block, index) => [
      block.name,
      {
        executor: 'constant-vus',
        exec: 'block',
        vus: block.clients,
        duration: `${block.duration}s`,
        startTime: `${block.start}s`,
        gracefulStop: '2s',
        env: { BLOCK: String(index) },
        tags: { target: block.target, phase: block.phase, clients: String(block.clients) },
      },
    ]),
  ),
  thresholds: expected(),
  // Only what the thresholds and the outputs need: each tag costs the client time on every sample.
  systemTags: ['scenario', 'status', 'error_code'],
  summaryTrendStats: ['avg', 'min', 'med', 'p(95)', 'p(99)', 'max'],
}

const brokenPremises = new Counter('broken_premises')
/** Requests per second in one block's steady window; a sample a block. */
const tps = new Trend('tps')
/** postgres ÷ python; a sample a pair. */
const tpsRatio = new Trend('gap_tps_ratio')
/** python ÷ postgres; a sample a pair. */
const latencyRatios = {
  p50: new Trend('gap_latency_p50_ratio'),
  p95: new Trend('gap_latency_p95_ratio'),
  p99: new Trend('gap_latency_p99_ratio'),
}
/** Virtual users that blocks of the service had, one connection each. */
const pythonClients = new Counter('python_clients')

interface Client {
  block: string
  ask: Ask
  series: Series
  next: () => number
}
let client: Client | undefined

/** A new connection for this block, used once so that it is made, its statement prepared and its model loaded. */
function connect(block: Block, index: string): Client {
  client?.ask.close()
  recorder.closeIdleConnections()
  const ask = block.target === 'postgres' ? connectPostgres() : connectPython()
  const startedAt = clock.now() - (Date.now() - exec.scenario.startTime)
  const series = recorder.series({
    target: block.target,
    block: block.name,
    from: startedAt + lead * 1000,
    to: startedAt + (block.duration - trail) * 1000,
    ...(block.target === 'postgres' && { metric: 'sql' as const }),
  })
  // By the position in the block, so that both blocks of a pair ask the same keys in the same order.
  const next = draw(settings.seed, series.client, block.clients * 1000 + block.pair)
  const user = exec.vu.idInInstance
  try {
    ask(next())
    if (block.target === 'python') pythonClients.add(1)
    if (queryMode() === 'prepared' && !ask.isPrepared()) {
      brokenPremises.add(1, { premise: 'prepared' })
      console.error(`client ${user}: the statement is not prepared on the server`)
    }
  } catch (error) {
    console.error(
      `client ${user} could not connect: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  return { block: index, ask, series, next }
}

/**
 * An iteration asks again and again for this long (milliseconds), for both targets alike: what k6 does around an
 * iteration would else be paid for each request. Short, so that a block ends when it should.
 */
const iteration = 20

export function block(): void {
  const index = __ENV.BLOCK as string
  if (client?.block !== index) client = connect(blocks[Number(index)] as Block, index)
  const { ask, series, next } = client
  let now = clock.now()
  const end = now + iteration
  do {
    askOnce(ask, series, next(), now)
    now = clock.now()
  } while (now < end)
}

export function teardown(): void {
  const { series } = recorder.export()
  for (const one of series) {
    const block = blocks.find(({ name }) => name === one.block)
    if (block?.phase === 'measure')
      tps.add(tpsOf(one), { target: block.target, clients: String(block.clients) })
  }
  for (const pair of pairRatios(blocks, series)) {
    const tags = { clients: String(pair.clients) }
    tpsRatio.add(pair.tps, tags)
    latencyRatios.p50.add(pair.p50, tags)
    latencyRatios.p95.add(pair.p95, tags)
    latencyRatios.p99.add(pair.p99, tags)
  }
}

interface SummaryData {
  metrics: Record<string, { values: Record<string, number> } | undefined>
}

export function handleSummary(data: SummaryData): Record<string, string> {
  const { series } = recorder.export()
  const counted = (metric: string) => data.metrics[metric]?.values.count ?? 0
  const measurement: Measurement = {
    version: 1,
    scenario: 'compare',
    startedAt: new Date(startedAt).toISOString(),
    settings: { ...settings, queryMode: queryMode() },
    premises: {
      unpreparedClients: counted('broken_premises'),
      pythonConnections: counted('python_connections'),
      pythonClients: counted('python_clients'),
      wrongAnswers: counted('wrong_answers'),
    },
    blocks: blocks.flatMap((block) => {
      const one = series.find((each) => each.block === block.name)
      return one ? [{ ...block, ...figuresOf(one) }] : []
    }),
    pairs: pairRatios(blocks, series),
  }
  return {
    stdout: shortTable(measurement),
    ...(summaryFile && { [summaryFile]: JSON.stringify(measurement) }),
  }
}

function figuresOf(series: RecordedSeries) {
  const { windowMs, ok, failed, slices, labels } = series
  return { windowMs, tps: tpsOf(series), ok, failed, slices: slices.counts, workers: labels }
}

/** For those who run this by `k6 run`: a line a block, a line a pair. The command line has the whole report. */
function shortTable({ blocks, pairs }: Measurement): string {
  const cells = (...texts: string[]) => `  ${texts.map((text) => text.padStart(10)).join('')}\n`
  const number = (value: number | null, digits: number) => (value === null ? '-' : value.toFixed(digits))
  let table = cells('clients', 'pair', 'target', 'TPS', 'p50 ms', 'p95 ms', 'p99 ms', 'failed')
  for (const { clients, pair, target, tps, ok, failed } of blocks)
    table += cells(
      String(clients),
      pair === 0 ? 'warm-up' : String(pair),
      target,
      number(tps, 0),
      number(ok.p50Ms, 3),
      number(ok.p95Ms, 3),
      number(ok.p99Ms, 3),
      String(failed.count),
    )
  table += `\n${cells('clients', 'pair', 'gap:', 'TPS', 'p50', 'p95', 'p99')}`
  for (const { clients, pair, tps, p50, p95, p99 } of pairs)
    table += cells(
      String(clients),
      String(pair),
      '',
      ...[tps, p50, p95, p99].map((ratio) => number(ratio, 2)),
    )
  return `\n${table}\n`
}
