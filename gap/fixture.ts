/** A made-up measurement with known figures, for tests of what is made from one. */
import * as hdr from 'hdr-histogram-js'
import { sampleStandardDeviation } from 'simple-statistics'
import type {
  FailurePhase,
  Latencies,
  MeasuredBlock,
  Measurement,
  OwnPart,
  Pair,
  SideFacts,
  Stage,
} from './measurement.ts'

/** @param ms one latency a request */
export function latenciesOf(ms: number[]): Latencies {
  if (ms.length === 0) {
    const none = null
    return {
      count: 0,
      minMs: none,
      maxMs: none,
      meanMs: none,
      stdevMs: none,
      p50Ms: none,
      p90Ms: none,
      p95Ms: none,
      p99Ms: none,
      p999Ms: none,
      histogram: '',
    }
  }
  const histogram = hdr.build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 64,
    highestTrackableValue: 6e10,
    numberOfSignificantValueDigits: 3,
  })
  for (const each of ms) histogram.recordValue(Math.round(each * 1e6))
  const at = (rank: number) => histogram.getValueAtPercentile(rank) / 1e6
  return {
    count: ms.length,
    minMs: Math.min(...ms),
    maxMs: Math.max(...ms),
    meanMs: ms.reduce((sum, each) => sum + each, 0) / ms.length,
    stdevMs: ms.length > 1 ? sampleStandardDeviation(ms) : null,
    p50Ms: at(50),
    p90Ms: at(90),
    p95Ms: at(95),
    p99Ms: at(99),
    p999Ms: at(99.9),
    histogram: hdr.encodeIntoCompressedBase64(histogram),
  }
}

export function sampleBlock(key: string, pair: number, ms: number[], failedMs: number[] = []): MeasuredBlock {
  return {
    name: `c1_p${pair}_${key}`,
    key,
    clients: 1,
    phase: 'measure',
    pair,
    session: 1,
    windowMs: 1000,
    tps: ms.length,
    ok: latenciesOf(ms),
    failed: latenciesOf(failedMs),
    concurrency: 1,
    turns: [],
    workers: {},
  }
}

/** What a measurement of the flights may ask beside its two sides. */
const besides: SideFacts[] = [
  { key: 'postgres-null', base: 'postgres', protocol: 'sql', role: 'null', of: 'postgres', mode: 'prepared' },
  {
    ...{ key: 'postgres-constant', base: 'postgres-constant', protocol: 'sql', mode: 'prepared' },
    ...{ role: 'part', of: 'postgres', until: 'server without a row' },
  },
  {
    ...{ key: 'postgres-fast', base: 'postgres-fast', protocol: 'sql', mode: 'prepared' },
    ...{ role: 'predict', of: 'postgres', until: 'row' },
  },
  { key: 'python-null', base: 'python', protocol: 'http', role: 'null', of: 'python' },
  { key: 'python-fast', base: 'python-fast', protocol: 'http', role: 'predict', of: 'python' },
  {
    ...{ key: 'python-framework', base: 'python-framework', protocol: 'http' },
    ...{ role: 'part', of: 'python', until: 'HTTP and framework' },
  },
  {
    ...{ key: 'python-store', base: 'python-store', protocol: 'http' },
    ...{ role: 'part', of: 'python', until: 'feature store' },
  },
]

/** Takes sides into a measurement that are asked beside the two: those of {@link besides} by their keys. */
export function askBeside(measurement: Measurement, ...keys: string[]): void {
  const sides = keys.flatMap((wanted) => besides.filter(({ key }) => key === wanted))
  measurement.workload.asked.push(...sides)
  measurement.settings.beside.push(...sides.map(({ key }) => key))
}

const range = (count: number, value: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => value(index))

/** Where the time of a sound run of so many pairs went: each second that counts has half a second besides. */
function sampleTime(pairs: number): NonNullable<Measurement['time']> {
  const stages: [Stage, number, number][] = [
    ['opening', 5, 4],
    ['settling', 5, 6],
    ['lead', 200 * pairs, 1],
    ['counted', 200 * pairs, 5],
    ['waiting', 40 * pairs, 0.1],
    ['closing', 5, 1],
  ]
  const spent = ['postgres', 'python'].flatMap((key) =>
    stages.map(([stage, count, each]) => ({
      ...{ key, clients: 1, session: 1, phase: 'measure' as const, stage, count, failed: 0 },
      totalMs: count * each,
      medianMs: stage === 'counted' ? null : each,
      largestMs: stage === 'counted' ? null : 2 * each,
    })),
  )
  const accountedMs = spent.reduce((total, { totalMs }) => total + totalMs, 1000)
  return {
    sessions: [
      {
        session: 1,
        startedAt: '2026-01-02T03:04:05.000Z',
        lengthMs: accountedMs / 0.998,
        startupMs: 1000,
        accountedMs,
      },
    ],
    spent,
  }
}

/** Four pairs: Postgres 1000 requests of 1 ms a block, Python 200 of 5 ms; every figure of the gap is `gap`. */
export function sampleMeasurement(gaps = [5, 5, 5, 5]): Measurement {
  const pairs: Pair[] = gaps.map((gap, index) => ({
    key: 'postgres',
    clients: 1,
    pair: index + 1,
    session: 1,
    tps: gap,
    mean: gap,
    p50: gap,
    p95: gap,
    p99: gap,
  }))
  return {
    version: 3,
    scenario: 'compare',
    workload: {
      name: 'flights',
      sides: ['postgres', 'python'],
      asked: [
        { key: 'postgres', base: 'postgres', protocol: 'sql', role: 'predict', mode: 'prepared' },
        { key: 'python', base: 'python', protocol: 'http', role: 'predict' },
      ],
    },
    startedAt: '2026-01-02T03:04:05.000Z',
    settings: {
      clients: [1],
      pairs: gaps.length,
      sessions: 1,
      rate: 0,
      pool: 0,
      blockSeconds: 3,
      warmupSeconds: 2,
      seed: 1,
      sides: ['postgres', 'python'],
      beside: [],
    },
    premises: {
      unpreparedClients: 0,
      wrongAnswers: 0,
      droppedArrivals: 0,
      compared: gaps.length,
      different: 0,
    },
    connections: [
      { key: 'postgres', clients: 1, session: 1, opened: 5, replaced: 0 },
      { key: 'python', clients: 1, session: 1, opened: 5, replaced: 0 },
    ],
    time: sampleTime(gaps.length),
    warmups: [{ clients: 1, session: 1, seconds: 1, steady: true }],
    blocks: range(gaps.length, (index) => index + 1).flatMap((pair) => [
      sampleBlock(
        'postgres',
        pair,
        range(1000, () => 1),
      ),
      sampleBlock(
        'python',
        pair,
        range(200, () => 5),
      ),
    ]),
    pairs,
    failures: [],
  }
}

/** Seven failures of one kind, of one side at one client. */
export const addFailure = (measurement: Measurement, key: string, phase: FailurePhase, kind: string) =>
  measurement.failures.push({ key, clients: 1, session: 1, phase, kind, count: 7, message: 'no room' })

/** One of several k6 that shared a measurement. */
export const samplePart = (part: number, of: number, change: Partial<OwnPart> = {}): OwnPart => ({
  ...{ part, of, session: 1, startAt: '2026-01-02T03:04:05.000Z', turnMs: 500, turns: 100, late: 0 },
  skew: { key: 'postgres', aheadMs: -1.5, withinMs: 0.2 },
  machine: { host: `runner-${part}`, cores: 2 },
  made: { program: 'p', workload: 'w', keys: 'k' },
  ...change,
})
