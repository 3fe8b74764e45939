import { expect, test } from 'vitest'
import { figuresOf, mergedHistogram, percentilesOf } from './figures.ts'
import { latenciesOf, sampleBlock, sampleMeasurement } from './fixture.ts'

const repeat = (count: number, ms: number) => Array.from({ length: count }, () => ms)

/** Of one side at one number of clients: 90 answers of 1 ms in a second, 10 of 10 ms in three, five failures. */
function measurement() {
  const whole = sampleMeasurement([])
  const [fast, slow] = [
    sampleBlock('postgres', 1, repeat(90, 1)),
    sampleBlock('postgres', 2, repeat(10, 10), repeat(5, 99)),
  ]
  slow.windowMs = 3000
  whole.blocks = [
    fast,
    { ...sampleBlock('postgres', 1, repeat(7, 50)), clients: 2 },
    sampleBlock('python', 1, repeat(9, 70)),
    slow,
    { ...sampleBlock('postgres', 3, []), windowMs: 1000 },
  ]
  return whole
}

test("blocks of a side are taken as one, and nobody else's", () => {
  const figures = figuresOf(measurement(), 'postgres', 1)
  expect(figures).toMatchObject({
    key: 'postgres',
    clients: 1,
    requests: 105,
    failures: 5,
  })
  // 100 answers in 5 s of windows; the empty block's second counts.
  expect(figures?.tps).toBe(20)
  expect(figures?.failureRate).toBeCloseTo(5 / 105, 12)
  expect(figures?.latencyMs.mean).toBeCloseTo(1.9, 12)
  expect(figures?.latencyMs.max).toBe(10)
  // Not the blocks' own percentiles, of which the middle would be 5.5.
  expect(figures?.latencyMs.p50).toBeCloseTo(1, 2)
  expect(figures?.latencyMs.p95).toBeCloseTo(10, 1)
  expect(figures?.latencyMs.p99).toBeCloseTo(10, 1)
})

test('95 and 99 of 100 are two different ranks', () => {
  const whole = sampleMeasurement([])
  whole.blocks = [sampleBlock('postgres', 1, [...repeat(94, 1), ...repeat(4, 20), ...repeat(2, 300)])]
  const latency = figuresOf(whole, 'postgres', 1)?.latencyMs
  expect(latency?.p95).toBeCloseTo(20, 1)
  expect(latency?.p99).toBeCloseTo(300, 0)
})

test('without blocks there is nothing, and without an answer nothing but failures', () => {
  const whole = sampleMeasurement([])
  whole.blocks = [sampleBlock('postgres', 1, [], [3])]
  expect(figuresOf(whole, 'python', 1)).toBeUndefined()
  expect(figuresOf(whole, 'postgres', 1)).toMatchObject({
    tps: 0,
    requests: 1,
    failures: 1,
    failureRate: 1,
    latencyMs: { mean: Number.NaN, p50: Number.NaN, p95: Number.NaN, p99: Number.NaN, max: Number.NaN },
  })
})

test('a side that did not even fail has failed', () => {
  const whole = sampleMeasurement([])
  whole.blocks = [sampleBlock('postgres', 1, [])]
  expect(figuresOf(whole, 'postgres', 1)?.failureRate).toBe(1)
})

test('percentiles are within a thousandth, from microseconds to minutes', () => {
  for (const ms of [0.0123, 4.56, 789, 59_000]) {
    const seen = percentilesOf([latenciesOf([ms]), latenciesOf([]), latenciesOf([ms])], 50)
    expect(Math.abs(seen / ms - 1)).toBeLessThan(0.001)
  }
  expect(mergedHistogram([latenciesOf([1, 2]), latenciesOf([3])]).totalCount).toBe(3)
})
