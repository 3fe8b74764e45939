/** Which of the bounds are a side's, a pair's or a number of clients', and which are nobody's. */
import { expect, test, vi } from 'vitest'
import type { Thresholds } from './bounds.ts'
import { sampleBlock, sampleMeasurement } from './fixture.ts'
import { judge } from './verdict.ts'

// Ten thousand resamples each, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const outcomes = (verdict: ReturnType<typeof judge>) =>
  Object.fromEntries(verdict.checks.map(({ threshold, outcome }) => [threshold, outcome]))

const training = {
  postgres: { peakBytes: 100e6, seconds: 1 },
  python: { peakBytes: 250e6, seconds: 1 },
}

/** The same measurement at other numbers of clients, one after the other. */
function atCounts(counts: number[]) {
  const measurement = sampleMeasurement()
  const { blocks, pairs } = measurement
  measurement.settings.clients = counts
  measurement.blocks = counts.flatMap((clients) => blocks.map((each) => ({ ...each, clients })))
  measurement.pairs = counts.flatMap((clients) => pairs.map((each) => ({ ...each, clients })))
  return measurement
}

test('bounds hold for the number of clients that they name; those of others are not judged, and do not pass', () => {
  const several: Thresholds = {
    postgres: [
      { minTps: 900, maxFailureRate: 0.5 },
      { clients: 4, minTps: 2000, maxLatencyMs: { p50: 2, p99: 0.5 } },
      { clients: 9, minTps: 1, maxLatencyMs: { mean: 1 }, maxFailureRate: 0 },
    ],
    python: { minTps: 100 },
  }
  const told = (counts: number[]) => {
    const { checks, notJudged, outcome } = judge(atCounts(counts), several)
    return {
      ...{ outcome, notJudged: notJudged.map(({ threshold, clients }) => [threshold, clients]) },
      checks: checks.map(({ threshold, clients, outcome }) => [threshold, clients, outcome]),
    }
  }
  const ofNine = [
    ['postgres[2].maxLatencyMs.mean', 9],
    ['postgres[2].minTps', 9],
  ]
  expect(told([1, 4])).toEqual({
    outcome: 'fail',
    checks: [
      ['postgres[0].minTps', 1, 'pass'],
      ['postgres[1].maxLatencyMs.p50', 4, 'pass'],
      ['postgres[1].maxLatencyMs.p99', 4, 'fail'],
      ['postgres[1].minTps', 4, 'fail'],
      // Of failures the least bound, at every number.
      ['postgres.maxFailureRate', 1, 'pass'],
      ['postgres.maxFailureRate', 4, 'pass'],
      ['python.minTps', 1, 'pass'],
    ],
    notJudged: ofNine,
  })
  expect(told([20])).toEqual({
    outcome: 'pass',
    checks: [['postgres.maxFailureRate', 20, 'pass']],
    notJudged: [
      ['postgres[0].minTps', 1],
      ['postgres[1].maxLatencyMs.p50', 4],
      ['postgres[1].maxLatencyMs.p99', 4],
      ['postgres[1].minTps', 4],
      ...ofNine,
      ['python.minTps', 1],
    ],
  })
})

test('a failure at any number of clients crosses the least bound of failures', () => {
  const measurement = atCounts([1, 4])
  measurement.blocks = measurement.blocks.map((each) =>
    each.key === 'python' && each.clients === 4
      ? { ...sampleBlock('python', each.pair, [5], [1]), clients: 4 }
      : each,
  )
  const bounds: Thresholds = { python: [{ maxFailureRate: 0.9 }, { clients: 77, maxFailureRate: 0.4 }] }
  expect(
    judge(measurement, bounds).checks.map(({ clients, measured, bound, outcome }) => [
      clients,
      measured,
      bound,
      outcome,
    ]),
  ).toEqual([
    [1, 0, 0.4, 'pass'],
    [4, 0.5, 0.4, 'fail'],
  ])
})

/** Three sides: a is twice as good as c, b three times. */
function ofThree() {
  const measurement = sampleMeasurement([2, 2, 2])
  const names = ['a', 'b', 'c']
  const side = (key: string) => ({ key, base: key, protocol: 'sql' as const, role: 'predict' as const })
  measurement.workload = { name: 'three', sides: names, asked: names.map(side) }
  measurement.settings.sides = names
  measurement.blocks = names.flatMap((key) => [1, 2, 3].map((pair) => sampleBlock(key, pair, [1, 1])))
  const pairs = measurement.pairs
  measurement.pairs = [
    ...pairs.map((each) => ({ ...each, key: 'a' })),
    ...pairs.map((each) => ({ ...each, key: 'b', tps: 3, p50: 3, p95: 3 })),
  ]
  return measurement
}

test('of three sides each pair has its own bounds', () => {
  const gap = { 'a/c': { minTpsRatio: 2.5 }, 'b/c': { minTpsRatio: 2.5, minLatencyRatio: { p95: 2.9 } } }
  expect(outcomes(judge(ofThree(), { gap }))).toEqual({
    'gap.a/c.minTpsRatio': 'fail',
    'gap.b/c.minTpsRatio': 'pass',
    'gap.b/c.minLatencyRatio.p95': 'pass',
  })
  expect(outcomes(judge(ofThree(), { gap: { 'b/c': gap['b/c'] } }))).not.toHaveProperty('gap.a/c.minTpsRatio')
  expect(judge(ofThree(), {}).gaps.map(({ key }) => key)).toEqual(['a', 'b'])
})

test('where the last side takes no turns, a gap is against another one, of which nobody has said what to expect', () => {
  const measurement = ofThree()
  measurement.settings.sides = ['a', 'b']
  measurement.blocks = measurement.blocks.filter(({ key }) => key !== 'c')
  measurement.pairs = measurement.pairs.filter(({ key }) => key === 'a')
  const verdict = judge(measurement, { gap: { 'a/c': { minTpsRatio: 99 } }, a: { minTps: 1 } })
  expect(outcomes(verdict)).toEqual({ 'a.minTps': 'pass' })
  expect(verdict.gaps).toHaveLength(1)
})

test('one side alone has figures and bounds, and no gap', () => {
  const measurement = sampleMeasurement([])
  measurement.workload = { ...measurement.workload, sides: ['postgres'] }
  measurement.settings.sides = ['postgres']
  measurement.blocks = [sampleBlock('postgres', 1, [1, 1])]
  const verdict = judge(measurement, { postgres: { minTps: 3 } }, training)
  expect(outcomes(verdict)).toEqual({ 'postgres.minTps': 'fail' })
  expect(verdict.gaps).toEqual([])
})

test('another query mode, and a side against itself, are not judged by what is expected of the side', () => {
  const measurement = sampleMeasurement()
  const [first] = measurement.workload.asked
  for (const key of ['postgres-simple', 'postgres_2'])
    if (first) measurement.workload.asked.push({ ...first, key })
  measurement.settings.sides = ['postgres-simple', 'postgres_2']
  measurement.blocks = ['postgres-simple', 'postgres_2'].map((key) => sampleBlock(key, 1, [1000]))
  measurement.pairs = measurement.pairs.map((each) => ({ ...each, key: 'postgres-simple' }))
  const verdict = judge(measurement, {
    postgres: { maxLatencyMs: { p50: 2 }, minTps: 900, maxFailureRate: 0 },
    gap: { minLatencyRatio: { p50: 4 }, minTpsRatio: 4 },
  })
  expect(verdict.checks).toEqual([])
  expect(verdict.notJudged.map(({ threshold, why }) => `${threshold}: ${why}`)).toEqual([
    'postgres.maxLatencyMs.p50: sides',
    'postgres.minTps: sides',
    'postgres.maxFailureRate: sides',
    'gap.minTpsRatio: sides',
    'gap.minLatencyRatio.p50: sides',
  ])
  expect(verdict.figures.map(({ key }) => key)).toEqual(['postgres-simple', 'postgres_2'])
})

test('training is bounded for each pair by its own two sides', () => {
  const measurement = sampleMeasurement()
  measurement.workload = { ...measurement.workload, sides: ['fast', 'postgres', 'python'] }
  const costs = { ...training, fast: { peakBytes: 50e6, seconds: 1 } }
  const bounds = {
    'fast/python': { minTrainingMemoryRatio: 5 },
    'postgres/python': { minTrainingMemoryRatio: 3 },
  }
  const verdict = judge(measurement, { gap: bounds }, costs)
  // 250 ÷ 50 and 250 ÷ 100.
  expect(verdict.checks.map(({ threshold, measured, outcome }) => [threshold, measured, outcome])).toEqual([
    ['gap.fast/python.minTrainingMemoryRatio', 5, 'pass'],
    ['gap.postgres/python.minTrainingMemoryRatio', 2.5, 'fail'],
  ])
  expect(verdict.notJudged).toEqual([])
})
