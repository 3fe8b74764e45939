import { expect, test } from 'vitest'
import { random, ratioOf, studentT } from './ratio.ts'

test('equal pairs leave no doubt', () => {
  const { median, low, high, pairs } = ratioOf([[2, 2, 2, 2]])
  expect([median, low, high].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([2, 2, 2])
  expect(pairs).toBe(4)
})

test('the interval holds the median and widens with the spread', () => {
  const narrow = ratioOf([[4.9, 5, 5.1, 5]])
  const wide = ratioOf([[3, 5, 7, 5]])
  for (const { low, median, high } of [narrow, wide]) expect(low <= median && median <= high).toBe(true)
  expect(wide.high - wide.low).toBeGreaterThan(narrow.high - narrow.low)
})

test('turned round, the ratio says the same', () => {
  const ratios = [2, 3, 4, 5, 6]
  const [there, back] = [ratioOf([ratios]), ratioOf([ratios.map((ratio) => 1 / ratio)])]
  expect(1 / back.median).toBeCloseTo(there.median, 12)
  expect(1 / back.high).toBeCloseTo(there.low, 1)
})

test('the same seed gives the same interval', () => {
  expect(ratioOf([[2, 3, 4]], 7)).toEqual(ratioOf([[2, 3, 4]], 7))
})

test('no pair, no ratio', () => {
  expect(() => ratioOf([])).toThrow(RangeError)
  expect(() => ratioOf([[], []])).toThrow(RangeError)
})

test('random is even and repeatable', () => {
  const next = random(3)
  const numbers = Array.from({ length: 10_000 }, next)
  const again = random(3)
  expect(numbers.slice(0, 5)).toEqual(Array.from({ length: 5 }, again))
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
  expect(numbers.reduce((sum, number) => sum + number) / numbers.length).toBeCloseTo(0.5, 1)
})

test.each([
  [1, 0.975, 12.706],
  [2, 0.975, 4.303],
  [2, 0.995, 9.925],
  [3, 0.975, 3.182],
  [5, 0.975, 2.571],
  [11, 0.975, 2.201],
  [30, 0.975, 2.042],
  [5, 0.99, 3.365],
  [11, 0.995, 3.106],
])("Student's t with %i degrees of freedom at %f is %f", (degrees, probability, expected) => {
  expect(Math.abs(studentT(probability, degrees) / expected - 1)).toBeLessThan(0.006)
})

test('an interval that is looked at several times is wider', () => {
  const ratios = [4, 4.5, 5, 5.5, 6, 5.2, 4.8, 5.1]
  const [once, thrice] = [ratioOf([ratios]), ratioOf([ratios], 1, 0.05 / 3)]
  expect(thrice.high - thrice.low).toBeGreaterThan(once.high - once.low)
})

test('of a single pair nothing can be said', () => {
  expect(ratioOf([[5]])).toMatchObject({ median: 5, low: 0, high: Number.MAX_VALUE })
})

test('sessions that differ widen the interval, though all of their pairs agree', () => {
  const within = ratioOf([[4.9, 5, 5.1, 5, 4.9, 5, 5.1, 5]])
  const between = ratioOf([
    [4.9, 5, 5.1, 5],
    [5.9, 6, 6.1, 6],
    [6.9, 7, 7.1, 7],
  ])
  const width = ({ low, median, high }: typeof within) => (high - low) / median
  expect(width(between)).toBeGreaterThan(3 * width(within))
})

test('two pairs may both lie on one side of the truth, so that their interval reaches far beyond them', () => {
  const { median, low, high } = ratioOf([[2.7], [2.8]])
  expect(median).toBeCloseTo(Math.sqrt(2.7 * 2.8), 12)
  // Student's t of one degree of freedom: 12.7 / sqrt(2) standard deviations, which are half the difference × sqrt(2).
  expect(Math.log(high / median)).toBeCloseTo((12.706 / 2) * Math.log(2.8 / 2.7), 4)
  expect(Math.log(median / low)).toBeCloseTo((12.706 / 2) * Math.log(2.8 / 2.7), 4)
})

test('where an end is beyond all numbers, it is the largest', () => {
  expect(ratioOf([[1e-100, 1e100]])).toMatchObject({ low: 0, high: Number.MAX_VALUE })
})

test.each([
  ['one session', 1, 2, 0],
  ['one session', 1, 3, 0],
  ['one session', 1, 4, 0],
  ['one session', 1, 5, 0],
  ['two sessions of one pair', 2, 1, 0.5],
  ['three sessions of one pair', 3, 1, 0.5],
  ['one session', 1, 6, 0],
  ['three sessions alike', 3, 4, 0],
  ['three sessions that differ', 3, 4, 0.5],
])(
  'the interval holds the truth about as often as it says: %s, %i × %i',
  (_, sessions, pairs, between) => {
    const next = random(11)
    const normal = () => Array.from({ length: 12 }, next).reduce((sum, each) => sum + each) - 6
    let held = 0
    for (let run = 0; run < 60; run++) {
      const ratios = Array.from({ length: sessions }, () => {
        const own = between * normal()
        return Array.from({ length: pairs }, () => Math.exp(0.03 * (own + normal())))
      })
      const { low, high } = ratioOf(ratios, run)
      if (low <= 1 && 1 <= high) held++
    }
    expect(held).toBeGreaterThanOrEqual(54) // 90 %; some 58 are expected
  },
  60_000,
)
