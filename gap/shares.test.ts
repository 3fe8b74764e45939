import { expect, test } from 'vitest'
import { askBeside, sampleMeasurement } from './fixture.ts'
import type { Measurement } from './measurement.ts'
import type { Ratio } from './ratio.ts'
import { sharesOf } from './shares.ts'

/** Pairs of the side itself and of others beside it, whose ratios to the last side are given. */
function withPairs(own: number[], others: Record<string, number[]>): Measurement {
  const measurement = sampleMeasurement(own)
  askBeside(measurement, ...Object.keys(others))
  for (const [key, ratios] of Object.entries(others))
    measurement.pairs.push(...sampleMeasurement(ratios).pairs.map((pair) => ({ ...pair, key })))
  return measurement
}

test('a gap is the product of what is the architecture’s and what is the implementation’s, pair by pair', () => {
  const measurement = withPairs([6, 12, 6, 12, 6, 12], { 'python-fast': [3, 4, 3, 4, 3, 4] })
  const shares = sharesOf(measurement)
  expect(shares.map(({ key, by, clients }) => [key, by, clients])).toEqual([['postgres', 'python-fast', 1]])
  // 6 ÷ 3 and 12 ÷ 4; by the logarithm the middle of both.
  const ends = ({ low, high, pairs }: Ratio) => [low.toFixed(6), high.toFixed(6), pairs]
  expect(ends(shares[0]?.architecture as Ratio)).toEqual(['2.000000', '3.000000', 6])
  expect(ends(shares[0]?.implementation as Ratio)).toEqual(['3.000000', '4.000000', 6])
})

test('another way of the first side has a share, too; null operations and parts are no builds of the last one', () => {
  const measurement = withPairs([6, 6], {
    'postgres-fast': [24, 24],
    'python-fast': [3, 3],
    'python-null': [30, 30],
    'python-store': [2, 2],
  })
  const found = sharesOf(measurement)
  expect(new Set(found.map(({ by }) => by))).toEqual(new Set(['python-fast']))
  const of = (key: string) => found.find((share) => share.key === key)?.architecture.median
  expect(of('postgres')).toBeCloseTo(2)
  expect(of('postgres-fast')).toBeCloseTo(8)
})

test('a pair that one of both has not is left out, and without any there is no share', () => {
  const measurement = withPairs([6, 8], { 'python-fast': [3] })
  expect(sharesOf(measurement)[0]?.architecture.pairs).toBe(1)
  measurement.pairs = measurement.pairs.filter(({ key }) => key !== 'python-fast')
  expect(sharesOf(measurement)).toEqual([])
  expect(sharesOf(sampleMeasurement())).toEqual([])
})
