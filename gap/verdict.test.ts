import { expect, test, vi } from 'vitest'
import type { GapBounds, Thresholds } from './bounds.ts'
import { askBeside, sampleBlock, sampleMeasurement } from './fixture.ts'
import { gapsOf, judge, withPremises } from './verdict.ts'

// Ten thousand resamples each, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const thresholds = {
  postgres: { maxLatencyMs: { p50: 2, max: 3 }, minTps: 900, maxFailureRate: 0 },
  python: { maxLatencyMs: { mean: 6, p99: 10 }, minTps: 100, maxFailureRate: 0.1 },
  gap: { minLatencyRatio: { p50: 4, p95: 4 }, minTpsRatio: 4, minTrainingMemoryRatio: 2 } satisfies GapBounds,
} satisfies Thresholds
const training = {
  postgres: { peakBytes: 100e6, seconds: 1 },
  python: { peakBytes: 250e6, seconds: 1 },
}
const outcomes = (verdict: ReturnType<typeof judge>) =>
  Object.fromEntries(verdict.checks.map(({ threshold, outcome }) => [threshold, outcome]))

test('every threshold becomes one check, and all hold', () => {
  const verdict = judge(sampleMeasurement(), thresholds, training)
  expect(verdict.outcome).toBe('pass')
  expect(outcomes(verdict)).toEqual({
    'postgres.maxLatencyMs.p50': 'pass',
    'postgres.maxLatencyMs.max': 'pass',
    'postgres.minTps': 'pass',
    'postgres.maxFailureRate': 'pass',
    'python.maxLatencyMs.mean': 'pass',
    'python.maxLatencyMs.p99': 'pass',
    'python.minTps': 'pass',
    'python.maxFailureRate': 'pass',
    'gap.minTpsRatio': 'pass',
    'gap.minLatencyRatio.p50': 'pass',
    'gap.minLatencyRatio.p95': 'pass',
    'gap.minTrainingMemoryRatio': 'pass',
  })
  expect(verdict.trainingMemoryRatio).toBe(2.5)
  expect(verdict.figures[0]?.tps).toBe(1000)
  expect(verdict.figures[1]?.latencyMs.p99).toBeCloseTo(5, 1)
})

test.each([
  ['postgres.minTps', { ...thresholds, postgres: { ...thresholds.postgres, minTps: 1001 } }],
  [
    'postgres.maxLatencyMs.p50',
    { ...thresholds, postgres: { ...thresholds.postgres, maxLatencyMs: { p50: 0.9 } } },
  ],
  ['gap.minTpsRatio', { ...thresholds, gap: { ...thresholds.gap, minTpsRatio: 5.1 } }],
  [
    'gap.minLatencyRatio.p95',
    { ...thresholds, gap: { ...thresholds.gap, minLatencyRatio: { p50: 4, p95: 5.1 } } },
  ],
  ['gap.minTrainingMemoryRatio', { ...thresholds, gap: { ...thresholds.gap, minTrainingMemoryRatio: 2.6 } }],
])('%s alone is crossed', (threshold, changed) => {
  const verdict = judge(sampleMeasurement(), changed, training)
  expect(verdict.outcome).toBe('fail')
  expect(verdict.checks.filter(({ outcome }) => outcome !== 'pass').map((check) => check.threshold)).toEqual([
    threshold,
  ])
})

test('an interval around the bound is undecided, and a crossed threshold outweighs it', () => {
  const wide = sampleMeasurement([2, 3, 5, 8])
  expect(outcomes(judge(wide, thresholds, training))['gap.minTpsRatio']).toBe('undecided')
  expect(judge(wide, thresholds, training).outcome).toBe('undecided')
  const crossed = { ...thresholds, postgres: { ...thresholds.postgres, minTps: 5000 } }
  expect(judge(wide, crossed, training).outcome).toBe('fail')
})

test('failures are no samples, but count', () => {
  const measurement = sampleMeasurement()
  measurement.blocks = measurement.blocks.map((block) =>
    block.key === 'python' ? sampleBlock('python', block.pair, [5, 5, 5], [1000]) : block,
  )
  const verdict = judge(measurement, thresholds, training)
  const python = verdict.figures.find(({ key }) => key === 'python')
  expect(python).toMatchObject({ requests: 16, failures: 4, failureRate: 0.25, tps: 3 })
  expect(python?.latencyMs.max).toBe(5)
  expect(outcomes(verdict)['python.maxFailureRate']).toBe('fail')
})

test('a target without a right answer crosses its thresholds', () => {
  const measurement = sampleMeasurement([])
  measurement.blocks = [sampleBlock('postgres', 1, []), sampleBlock('python', 1, [5])]
  const verdict = judge(measurement, thresholds)
  expect(outcomes(verdict)['postgres.maxLatencyMs.p50']).toBe('fail')
  expect(outcomes(verdict)['postgres.maxFailureRate']).toBe('fail')
})

test('without training there is no check of it', () => {
  expect(outcomes(judge(sampleMeasurement(), thresholds))).not.toHaveProperty('gap.minTrainingMemoryRatio')
})

const target = (outcome: ReturnType<typeof judge>, threshold: string) =>
  outcome.checks.find((check) => check.threshold === threshold)
const boundAt = (bound: number): Thresholds => ({
  ...thresholds,
  gap: { ...thresholds.gap, minTpsRatio: bound, minLatencyRatio: { p50: bound, p95: bound, p99: bound } },
})
const ratioChecks = ['minTpsRatio', 'minLatencyRatio.p50', 'minLatencyRatio.p95', 'minLatencyRatio.p99'].map(
  (name) => `gap.${name}`,
)

/**
 * What makes CI red or green is the interval, not its middle: with a bound between low end and median nothing is known yet, though the
 * median is above it; with one between median and high end nothing either, though the median is below.
 */
test.each([
  ['below the low end', (low: number) => low * 0.999, 'pass'],
  ['at the low end', (low: number) => low, 'pass'],
  ['just above the low end', (low: number) => low * 1.001, 'undecided'],
  ['just below the median', (_: number, median: number) => median * 0.999, 'undecided'],
  ['just above the median', (_: number, median: number) => median * 1.001, 'undecided'],
  ['at the high end', (_low: number, _: number, high: number) => high, 'undecided'],
  ['just above the high end', (_low: number, _: number, high: number) => high * 1.001, 'fail'],
])('a bound %s', (_, boundOf, expected) => {
  const measurement = sampleMeasurement([4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5])
  const [gap] = gapsOf(measurement)
  const { low, median, high } = gap?.tps ?? { low: 0, median: 0, high: 0 }
  const verdict = judge(measurement, boundAt(boundOf(low, median, high)))
  for (const threshold of ratioChecks) {
    expect(target(verdict, threshold)?.outcome).toBe(expected)
    expect(target(verdict, threshold)?.interval).toEqual([low, high])
    expect(target(verdict, threshold)?.measured).toBe(median)
  }
  expect(verdict.outcome).toBe(expected)
})

/** Who looks n times has n chances to err, so each look may err 0.05 ÷ n (Bonferroni). Quantiles of t from any table, one degree of freedom. */
test.each([
  [1, 12.7062],
  [2, 25.4517],
  [5, 63.6567],
])('where at most %i looks are taken, the interval of two pairs reaches %f standard errors', (looks, quantile) => {
  const verdict = judge(sampleMeasurement([4, 6]), thresholds, undefined, looks)
  const halfWidth = (quantile * Math.log(6 / 4)) / 2
  for (const { low, median, high } of [verdict.gaps[0]?.tps, verdict.gaps[0]?.p99].flatMap(
    (ratio) => ratio ?? [],
  )) {
    expect(Math.log(high / median)).toBeCloseTo(halfWidth, 3)
    expect(Math.log(median / low)).toBeCloseTo(halfWidth, 3)
  }
  expect(verdict.gaps).toHaveLength(1)
})

test('what one look would pass, the first of several leaves open', () => {
  const measurement = sampleMeasurement([4.5, 4.7, 5, 5.2, 4.9, 5.3, 4.8, 5.1])
  const low = (error: number) => gapsOf(measurement, error)[0]?.tps.low as number
  const bound = boundAt((low(0.05) + low(0.05 / 3)) / 2)
  expect(low(0.05 / 3)).toBeLessThan(low(0.05))
  expect(judge(measurement, bound).outcome).toBe('pass')
  expect(judge(measurement, bound, undefined, 3).outcome).toBe('undecided')
})

test('a check tells path, value, bound and unit', () => {
  const { checks } = judge(sampleMeasurement([5, 5]), boundAt(4), training)
  const told = checks.map(({ threshold, clients, relation, bound, unit, interval }) => [
    ...[threshold, clients, relation, bound, unit],
    interval !== undefined,
  ])
  expect(told).toEqual([
    ['postgres.maxLatencyMs.p50', 1, '≤', 2, 'ms', false],
    ['postgres.maxLatencyMs.max', 1, '≤', 3, 'ms', false],
    ['postgres.minTps', 1, '≥', 900, 'TPS', false],
    ['postgres.maxFailureRate', 1, '≤', 0, 'share', false],
    ['python.maxLatencyMs.mean', 1, '≤', 6, 'ms', false],
    ['python.maxLatencyMs.p99', 1, '≤', 10, 'ms', false],
    ['python.minTps', 1, '≥', 100, 'TPS', false],
    ['python.maxFailureRate', 1, '≤', 0.1, 'share', false],
    ...ratioChecks.map((threshold) => [threshold, 1, '≥', 4, 'times', true]),
    ['gap.minTrainingMemoryRatio', undefined, '≥', 2, 'times', false],
  ])
  expect(checks.map(({ measured }) => measured).slice(2, 5)).toEqual([1000, 0, 5])
  expect(checks.at(-1)?.measured).toBe(2.5)
})

test('a bound holds where it is met exactly', () => {
  const exact: Thresholds = {
    postgres: { maxLatencyMs: { mean: 1, max: 1 }, minTps: 1000, maxFailureRate: 0 },
    python: { maxLatencyMs: { mean: 5, max: 5 }, minTps: 200, maxFailureRate: 0 },
    gap: { ...thresholds.gap, minTrainingMemoryRatio: 2.5 },
  }
  expect(judge(sampleMeasurement(), exact, training).outcome).toBe('pass')
})

test('in the open model the rate was offered, so that no threshold asks for it', () => {
  const measurement = sampleMeasurement()
  measurement.settings.rate = 100
  const names = Object.keys(outcomes(judge(measurement, boundAt(4), training)))
  expect(names).toHaveLength(10)
  expect(names.filter((name) => /tps/i.test(name))).toEqual([])
})

/** At one and at four clients; four have a gap of their own, and latencies that no bound would allow. */
function atTwoCounts(order: number[]) {
  const measurement = sampleMeasurement()
  measurement.settings.clients = order
  measurement.blocks.push(
    ...measurement.blocks.map(({ key, pair }) => ({ ...sampleBlock(key, pair, [40, 50]), clients: 4 })),
  )
  measurement.pairs.push(...measurement.pairs.map((pair) => ({ ...pair, clients: 4, tps: 2, p50: 9 })))
  return measurement
}

test.each([
  [[1, 4]],
  [[4, 1]],
])('bounds of a side are for one client where they name no number, those of the gap for each: %j', (order) => {
  const verdict = judge(atTwoCounts(order), thresholds)
  const failed = verdict.checks.filter(({ outcome }) => outcome === 'fail')
  expect(failed.map(({ threshold, clients }) => [threshold, clients])).toEqual([['gap.minTpsRatio', 4]])
  expect(verdict.checks.filter(({ threshold }) => threshold === 'gap.minTpsRatio')).toHaveLength(2)
  expect(
    verdict.gaps.map(({ clients, tps, p50 }) => [
      clients,
      ...[tps, p50].map(({ median }) => Math.round(median)),
    ]),
  ).toEqual(order.map((clients) => (clients === 1 ? [1, 5, 5] : [4, 2, 9])))
  expect(verdict.figures.map(({ clients }) => clients)).toEqual(
    order.flatMap((clients) => [clients, clients]),
  )
})

/** Another way of predicting and a null operation, both asked beside the sides, both slower than any bound. */
function withBeside() {
  const measurement = sampleMeasurement()
  askBeside(measurement, 'postgres-fast', 'postgres-null')
  for (const key of measurement.settings.beside) {
    measurement.blocks.push({ ...sampleBlock('postgres', 1, [900]), key, phase: 'beside' })
    measurement.pairs.push(...sampleMeasurement([0.5, 0.5]).pairs.map((pair) => ({ ...pair, key })))
  }
  return measurement
}

test('what is asked beside the sides has figures and gaps, but no thresholds', () => {
  const verdict = judge(withBeside(), thresholds)
  expect(verdict.outcome).toBe('pass')
  expect(verdict.figures.map(({ key }) => key)).toEqual(['postgres', 'python', 'postgres-fast'])
  expect(verdict.gaps.map(({ key }) => key)).toEqual(['postgres', 'postgres-fast', 'postgres-null'])
})

test('a number of clients that was not measured has no figures, and nothing is judged by it', () => {
  const measurement = sampleMeasurement()
  measurement.settings.clients = [1, 9]
  askBeside(measurement, 'postgres-fast')
  expect(judge(measurement, thresholds).figures.map(({ key }) => key)).toEqual(['postgres', 'python'])
})

test('pairs of a session are drawn together', () => {
  const measurement = sampleMeasurement([2, 2, 2, 2, 3, 3, 3, 3, 5, 5, 5, 5])
  const pooled = gapsOf(measurement, 0.3)[0]
  for (const pair of measurement.pairs) pair.session = Math.ceil(pair.pair / 4)
  const apart = gapsOf(measurement, 0.3)[0]
  expect([apart?.tps.low, apart?.tps.high].map((end) => end?.toFixed(6))).toEqual(['2.000000', '5.000000'])
  expect((pooled?.tps.low ?? 0) > 2.001).toBe(true)
})

test('each figure of a gap is of its own column', () => {
  const measurement = sampleMeasurement()
  measurement.pairs = measurement.pairs.map((pair) => ({ ...pair, tps: 2, mean: 3, p50: 5, p95: 7, p99: 11 }))
  const [gap] = gapsOf(measurement)
  const medians = [gap?.tps, gap?.mean, gap?.p50, gap?.p95, gap?.p99].map((ratio) =>
    Math.round(ratio?.median ?? 0),
  )
  expect(medians).toEqual([2, 3, 5, 7, 11])
})

test("the run's seed decides what is drawn: where an end hangs by a hair, it is now one pair and now the next", () => {
  // The second smallest of seven is the median of 0.108 of all resamples; 0.110 may lie below the interval (see ratio.test.ts).
  const measurement = sampleMeasurement([4, 4.3, 5.1, 5.2, 6, 6.4, 7.7])
  const low = (seed: number) => {
    measurement.settings.seed = seed
    return gapsOf(measurement, 0.3)[0]?.tps.low
  }
  const lows = [1, 2, 3, 4, 5, 6].map(low)
  expect(new Set(lows.map((end) => end?.toFixed(6)))).toEqual(new Set(['4.300000', '5.100000']))
  expect([1, 2].map(low)).toEqual(lows.slice(0, 2))
})

test('without training nothing is said of it', () => {
  const verdict = judge(sampleMeasurement(), thresholds)
  expect(verdict).not.toHaveProperty('trainingMemoryRatio')
  expect(judge(sampleMeasurement(), thresholds, training)).toHaveProperty('trainingMemoryRatio')
})

test('where a premise is broken the outcome is none, whatever the checks say', () => {
  const verdict = { outcome: 'pass' as const, checks: [] }
  expect(withPremises(verdict, [{ holds: true }])).toEqual(verdict)
  expect(withPremises(verdict, [{ holds: true }, { holds: false }])).toEqual({
    ...verdict,
    outcome: 'could not measure',
  })
})
