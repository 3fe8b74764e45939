import { expect, test } from 'vitest'
import { sampleBlock, sampleMeasurement } from './sample.ts'
import type { Thresholds } from './thresholds.ts'
import { judge } from './verdict.ts'

const thresholds: Thresholds = {
  postgres: { maxLatencyMs: { p50: 2, max: 3 }, minTps: 900, maxFailureRate: 0 },
  python: { maxLatencyMs: { mean: 6, p99: 10 }, minTps: 100, maxFailureRate: 0.1 },
  gap: { minLatencyRatio: { p50: 4, p95: 4 }, minTpsRatio: 4, minTrainingMemoryRatio: 2 },
}
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
    block.target === 'python' ? sampleBlock('python', block.pair, [5, 5, 5], [1000]) : block,
  )
  const verdict = judge(measurement, thresholds, training)
  const python = verdict.figures.find(({ target }) => target === 'python')
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
