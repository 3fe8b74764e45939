import { expect, test } from 'vitest'
import { random, ratioOf } from './ratio.ts'

test('equal pairs leave no doubt', () => {
  const { median, low, high, pairs } = ratioOf([2, 2, 2, 2])
  expect([median, low, high].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([2, 2, 2])
  expect(pairs).toBe(4)
})

test('the interval holds the median and widens with the spread', () => {
  const narrow = ratioOf([4.9, 5, 5.1, 5])
  const wide = ratioOf([3, 5, 7, 5])
  for (const { low, median, high } of [narrow, wide]) expect(low <= median && median <= high).toBe(true)
  expect(wide.high - wide.low).toBeGreaterThan(narrow.high - narrow.low)
})

test('turned round, the ratio says the same', () => {
  const ratios = [2, 3, 4, 5, 6]
  const [there, back] = [ratioOf(ratios), ratioOf(ratios.map((ratio) => 1 / ratio))]
  expect(1 / back.median).toBeCloseTo(there.median, 12)
  expect(1 / back.high).toBeCloseTo(there.low, 1)
})

test('the same seed gives the same interval', () => {
  expect(ratioOf([2, 3, 4], 7)).toEqual(ratioOf([2, 3, 4], 7))
})

test('no pair, no ratio', () => {
  expect(() => ratioOf([])).toThrow(RangeError)
})

test('random is even and repeatable', () => {
  const next = random(3)
  const numbers = Array.from({ length: 10_000 }, next)
  const again = random(3)
  expect(numbers.slice(0, 5)).toEqual(Array.from({ length: 5 }, again))
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
  expect(numbers.reduce((sum, number) => sum + number) / numbers.length).toBeCloseTo(0.5, 1)
})
