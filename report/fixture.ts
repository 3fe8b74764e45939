/** A made-up run with known figures, for tests of what is made from one. */
import { stripVTControlCharacters } from 'node:util'
import { parseHTML } from 'linkedom'
import type { Thresholds } from '../gap/bounds.ts'
import { clientCosts } from '../gap/cost.ts'
import { askBeside, latenciesOf, sampleMeasurement } from '../gap/fixture.ts'
import type { MeasuredBlock } from '../gap/measurement.ts'
import { premisesOf } from '../gap/premises.ts'
import { type Check, judge } from '../gap/verdict.ts'
import { published } from '../workload/published.ts'
import { formats } from './formats.ts'
import type { Run } from './run.ts'
import { terminalReport } from './terminal.ts'

const thresholds = {
  postgres: { maxLatencyMs: { p50: 2 }, minTps: 900, maxFailureRate: 0 },
  python: { maxLatencyMs: { p50: 9 }, minTps: 100, maxFailureRate: 0 },
  gap: { minLatencyRatio: { p50: 4, p95: 4 }, minTpsRatio: 4, minTrainingMemoryRatio: 2 },
} satisfies Thresholds

/** @param gaps one a pair; every figure of the gap is that */
export function sampleRun(gaps?: number[]): Run {
  const measurement = sampleMeasurement(gaps)
  const trained = { seconds: 1, peakMethod: 'VmHWM' as const, trainedAt: '2026-01-02T03:04:05.000Z' }
  const training = { postgres: { ...trained, peakBytes: 1e8 }, python: { ...trained, peakBytes: 3e8 } }
  return {
    version: 3,
    startedAt: measurement.startedAt,
    command: "npx inference-gap compare --thresholds 'a file.json'",
    machine: {
      system: 'Linux 6 x64',
      processor: 'A Processor with Quite a Long Name @ 2.80GHz',
      cores: 2,
      memory: 25e9,
    },
    versions: { Node: '20.0.0', k6: '1.8.1', Postgres: '18.6', Python: '3.11.7', XGBoost: '3.2.0' },
    targets: { postgres: 'shared_buffers 256MB, max_connections 250', python: '2 workers, 4 threads each' },
    parity: { keys: 1000, identical: 1000, largestRelativeDifference: 0, predictions: 'x' },
    training,
    published,
    serving: [
      {
        clients: 1,
        parts: [
          { side: 'postgres', what: 'server and backends', bytes: 4e7 },
          { side: 'python', what: "Gunicorn's master and workers", bytes: 3e8 },
          { side: 'python', what: 'feature store', bytes: 2e7 },
        ],
      },
    ],
    looks: 1,
    premises: premisesOf(measurement),
    costs: clientCosts(measurement),
    thresholds,
    measurement,
    verdict: judge(measurement, thresholds, training),
  }
}

/** Each side is also asked in another way, the last one as another build: the gap of 5 is 2.5 times 2. */
export function runWithShares(): Run {
  const run = sampleRun()
  const { measurement } = run
  askBeside(measurement, 'postgres-fast', 'python-fast')
  for (const [key, ratio, ms] of [
    ['postgres-fast', 20, 0.25],
    ['python-fast', 2, 2.5],
  ] as const) {
    const { blocks, pairs } = sampleMeasurement([ratio, ratio, ratio, ratio])
    const own = blocks.filter((block) => block.key === 'python')
    measurement.blocks.push(
      ...own.map(
        (block): MeasuredBlock => ({
          ...block,
          ...{ key, name: `${block.name}_${key}`, phase: 'beside' },
          ...{ tps: 1000 / ms, ok: latenciesOf(Array.from({ length: 1000 / ms }, () => ms)) },
        }),
      ),
    )
    measurement.pairs.push(...pairs.map((pair) => ({ ...pair, key })))
  }
  run.verdict = judge(measurement, thresholds, run.training)
  return run
}

/** With turns and client cost, so that every chart has something to show. */
export function fullSampleRun(): Run {
  const run = sampleRun()
  for (const block of run.measurement.blocks as MeasuredBlock[])
    block.turns = [1, 2, 3].map((turn) => ({ endMs: turn * 100, requests: 10, busyMs: 10 }))
  const ratio = { median: 4, low: 4, high: 4, pairs: 4 }
  run.costs = [
    {
      ...{ key: 'postgres', clients: 1, seenMs: 1, nullMs: 0.1, netMs: 0.9, seenP50Ms: 1, nullP50Ms: 0.1 },
      ...{ headroom: ratio, parts: [{ key: 'postgres-constant', until: 'server without a row', ms: 0.3 }] },
    },
    {
      key: 'python',
      clients: 1,
      parts: [],
      seenMs: 5,
      nullMs: 0.4,
      netMs: 4.6,
      seenP50Ms: 5,
      nullP50Ms: 0.4,
      headroom: ratio,
    },
  ]
  return run
}

const check = (threshold: string, more: Partial<Check>): Check => ({
  ...{ threshold, clients: 1, measured: 1, relation: '≥', bound: 1, unit: 'times', outcome: 'pass' },
  ...more,
})

/** A run of which every figure can be told by hand: answers of 1 ms and of 5 ms, and something of all that may be said. */
export function runByHand(): Run {
  const run = fullSampleRun()
  run.machine = { system: 'Linux 6', processor: 'CPU', cores: 2, memory: 25e9 }
  run.targets = { postgres: 'shared', python: '2 workers' }
  run.versions = { k6: '1', Node: '20' }
  run.between = 'PgBouncer'
  run.command = 'npx x'
  if (run.parity) run.parity.identical = 999
  run.premises = [
    { name: 'a', holds: true, seen: 'so' },
    { name: 'b', holds: false, seen: 'x', cause: 'y', next: 'z' },
  ]
  const { measurement, verdict } = run
  measurement.failures = [
    {
      ...{ key: 'python', clients: 1, session: 1, phase: 'measure' },
      kind: 'odd',
      count: 1234,
      message: 'busy',
    },
  ]
  measurement.warmups = [true, false].map((steady) => ({ clients: 1, session: 1, seconds: 1, steady }))
  verdict.checks = [
    check('gap.minTpsRatio', { measured: 5, interval: [4.5, 5.5], bound: 4 }),
    check('python.maxFailureRate', {
      ...{
        clients: undefined,
        measured: 0.0123,
        relation: '≤',
        bound: 0.001,
        unit: 'share',
        outcome: 'fail',
      },
    }),
    check('postgres.maxLatencyMs.p50', { relation: '≤', bound: 2, unit: 'ms', outcome: 'undecided' }),
    check('postgres.minTps', { measured: 1000, bound: 900, unit: 'TPS' }),
  ]
  verdict.outcome = 'fail'
  return run
}

/** Text in columns as a reader sees it: what stands in them, line by line. */
export const columnsOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/).join(' | '))
    .filter((line) => line !== '')

/** All values in a JSON text. */
function valuesOf(json: string): string {
  const values: string[] = []
  JSON.parse(json, (_, value) => {
    if (typeof value !== 'object') values.push(String(value))
    return value
  })
  return values.join(' ')
}

/** Each form's text as its reader sees it, in one line. */
export async function everyForm(run: Run): Promise<Record<string, string>> {
  const judged = { run, compared: [], moved: [] }
  const read = (file: string, text: string) =>
    file.endsWith('.json')
      ? valuesOf(text)
      : file.endsWith('.html')
        ? parseHTML(text).document.documentElement.textContent
        : stripVTControlCharacters(text).replace(/\\([\\|`*_[\]])/g, '$1') // as Markdown is read
  const written = await Promise.all(
    formats.map(async ({ file, render }) => [file, read(file, await render(judged))] as const),
  )
  return Object.fromEntries(
    [['terminal', terminalReport(run)] as const, ...written].map(([file, text]) => [
      file,
      text.replace(/\s+/g, ' '),
    ]),
  )
}
