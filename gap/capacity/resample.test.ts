import { expect, test } from 'vitest'
import { halfOfMean, plainTailOf, tailOf, weightsBy, weightsOf } from './resample.ts'

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0)

/** How often each round was drawn in the mean. */
const meansOf = (all: Float64Array[]) =>
  Array.from(all[0] as Float64Array, (_, at) => sum(all.map((weights) => weights[at] as number)) / all.length)

test('sessions are drawn first, rounds within them: each round as often as the others', () => {
  const all = [...weightsOf([3, 3], 4000, 1)]
  expect(all).toHaveLength(4000)
  for (const weights of all) {
    // Two sessions, each with as many rounds as it has.
    expect([0, 3, 6]).toContain(sum(weights.subarray(0, 3)))
    expect(sum(weights)).toBe(6)
  }
  // One in the mean; its variance is 2/3 within sessions and 1/2 between them, so that five standard errors are 0.09.
  for (const mean of meansOf(all)) expect(Math.abs(mean - 1)).toBeLessThan(0.09)
  expect(all.some((weights) => sum(weights.subarray(0, 3)) === 6)).toBe(true)
  expect(all.some((weights) => weights[0] === 0 && weights[1] !== 0)).toBe(true)
})

test('a long session brings its rounds, a short one its own', () => {
  for (const weights of weightsOf([1, 4], 200, 7)) {
    const [short, long] = [sum(weights.subarray(0, 1)), sum(weights.subarray(1))]
    expect([
      [2, 0],
      [1, 4],
      [0, 8],
    ]).toContainEqual([short, long])
  }
})

test('the same seed draws the same, another one another', () => {
  const drawn = (seed: number) => [...weightsOf([4, 4], 5, seed)]
  expect(drawn(1)).toEqual(drawn(1))
  expect(drawn(2)).not.toEqual(drawn(1))
})

test('rounds may be drawn from all sessions alike', () => {
  const all = [...weightsBy('rounds', [2, 2], 400, 1)]
  expect(all).toHaveLength(400)
  for (const weights of all) expect(sum(weights)).toBe(4)
  // A session of two rounds that brings three of them.
  expect(all.some((weights) => sum(weights.subarray(0, 2)) === 3)).toBe(true)
})

test('sessions may be drawn with all of their rounds', () => {
  const all = [...weightsBy('sessions', [1, 2], 400, 1)]
  expect(all).toHaveLength(400)
  for (const [first, second, third] of all) {
    expect(second).toBe(third)
    expect((first as number) + (second as number)).toBe(2)
  }
  expect(all.some(([first]) => first === 2)).toBe(true)
  expect(all.some(([first]) => first === 0)).toBe(true)
})

/** R: pnorm(-qt(0.975, 3) * sqrt(4 / 3)), and so on. */
test('tails are as far out as so few ask for', () => {
  expect(tailOf(4)).toBeCloseTo(0.00011903, 8)
  expect(plainTailOf(4)).toBeCloseTo(0.0118112, 6)
  // Of one nothing more is known than of two.
  expect(tailOf(1)).toBe(tailOf(2))
  expect(tailOf(2)).toBeLessThan(1e-60)
})

/** R: qt(0.975, 1) is 12.70620, qt(0.975, 3) is 3.182446. */
test("half of Student's interval; of a single value there is none", () => {
  expect(halfOfMean([1, 3])).toBeCloseTo(12.7062, 4)
  expect(halfOfMean([0.02, 0.03, 0.04, 0.03])).toBeCloseTo(0.0129923, 7)
  expect(halfOfMean([5])).toBe(Number.POSITIVE_INFINITY)
  expect(halfOfMean([])).toBe(Number.POSITIVE_INFINITY)
})
