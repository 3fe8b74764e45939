import * as hdr from 'hdr-histogram-js'
import { expect, test } from 'vitest'
import { latenciesOf, sampleBlock } from '../fixture.ts'
import { parseObjective } from './objective.ts'
import { countWithin, pointsOf } from './points.ts'

const oneTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1)

test.each([
  [0.5, 0],
  [1.01, 1],
  [1.5, 1],
  [50.5, 50],
  [99.5, 99],
  [100, 100],
  [1000, 100],
])('of 1, 2, … 100 ms, within %d ms are %d', (limitMs, expected) => {
  expect(countWithin(latenciesOf(oneTo(100)), limitMs)).toBe(expected)
})

test('each number of requests within a limit is found', () => {
  for (const count of [2, 3, 7, 1000])
    for (const within of [1, Math.ceil(count / 3), count - 1]) {
      const ms = oneTo(count).map((at) => (at <= within ? 1 : 100))
      expect(countWithin(latenciesOf(ms), 10)).toBe(within)
    }
})

test('a bucket of the histogram that ends at the limit is within it', () => {
  const latencies = latenciesOf([1, 2, 3])
  const endMs = hdr.decodeFromCompressedBase64(latencies.histogram, 64).getValueAtPercentile(60) / 1e6
  expect(endMs).toBeGreaterThan(1.99)
  expect(countWithin(latencies, endMs)).toBe(2)
})

test('of no request none is within', () => {
  expect(countWithin(latenciesOf([]), 10)).toBe(0)
})

const open = { rate: 250, due: 520, waited: 5, dropped: 3, growth: 0.002 }

test('a point holds what the objective asks for, and what shows whose limit it was', () => {
  const block = {
    ...sampleBlock('a', 7, [1, 2, 3, 30], [5, 5]),
    ...{ windowMs: 2500, open, late: latenciesOf([...oneTo(99).map(() => 1), 9]) },
  }
  const objective = parseObjective('p50<2.5ms,mean<9ms,failures<1%')
  expect(pointsOf({ blocks: [block] }, 4, () => objective)).toEqual([
    {
      ...{ side: 'a', rate: 250, session: 4, round: 7, seconds: 2.5, due: 520, answered: 4, failed: 2 },
      ...{ within: [2, 36, 4], growth: 0.002, lateP99Ms: expect.closeTo(1, 2), dropped: 3 },
    },
  ])
})

test('a side that answered nothing has its point, too; of lateness nothing may be known', () => {
  const block = { ...sampleBlock('a', 1, [], [5]), open }
  const [point] = pointsOf({ blocks: [block] }, 1, () => parseObjective('p99<10ms,mean<4ms'))
  expect(point).toMatchObject({ answered: 0, failed: 1, within: [0, 0], lateP99Ms: 0 })
})

test('each side has its own objective; what was asked beside, or in the closed model, is no point', () => {
  const blocks = [
    { ...sampleBlock('a', 1, [1, 20]), open },
    { ...sampleBlock('b', 1, [1, 20]), open },
    { ...sampleBlock('a', 1, [1]), open, phase: 'beside' as const },
    sampleBlock('a', 1, [1]),
  ]
  const points = pointsOf({ blocks }, 1, (side) => parseObjective(side === 'a' ? 'p99<10ms' : 'p99<30ms'))
  expect(points.map(({ side, within }) => [side, within])).toEqual([
    ['a', [1]],
    ['b', [2]],
  ])
})
