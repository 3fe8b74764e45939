import { gammaln } from 'simple-statistics'
import { expect, it } from 'vitest'
import { shareLimits } from './binomial.ts'

// The policy of MLPerf's LoadGen: so many requests must pass for "p99 holds" at confidence 0.99.
it.each([
  [0, 459],
  [1, 662],
  [10, 2010],
  [100, 12_571],
])('%d over the limit of %d requests are just few enough', (over, requests) => {
  expect(shareLimits(over, requests, 0.01)[1]).toBeLessThanOrEqual(0.01)
  expect(shareLimits(over, requests - 1, 0.01)[1]).toBeGreaterThan(0.01)
})

it('none, all, and the published interval of 15 in 20', () => {
  expect(shareLimits(0, 10)).toEqual([0, expect.closeTo(1 - 0.025 ** (1 / 10), 9)])
  expect(shareLimits(10, 10)).toEqual([expect.closeTo(0.025 ** (1 / 10), 9), 1])
  expect(shareLimits(0, 0)).toEqual([0, 1])
  // binom.test(15, 20) of R.
  expect(shareLimits(15, 20)).toEqual([expect.closeTo(0.5089541, 6), expect.closeTo(0.9134285, 6)])
})

/** What the limits are by definition, summed up plainly. @returns how likely so many of `all`, or fewer, are */
const atMost = (some: number, all: number, share: number) =>
  Array.from({ length: some + 1 }, (_, k) =>
    Math.exp(
      gammaln(all + 1) -
        gammaln(k + 1) -
        gammaln(all - k + 1) +
        k * Math.log(share) +
        (all - k) * Math.log1p(-share),
    ),
  ).reduce((sum, each) => sum + each, 0)

// A limit that is wrong by a little calls a rate held that is not; few or many, common or rare, must not matter.
it.each([
  [1, 2],
  [1, 3],
  [1, 1000],
  [30, 40],
  [500, 1000],
  [999, 1000],
  [19_000, 20_000],
])('what is beyond the limits of %d of %d is as unlikely as asked', (some, all) => {
  for (const error of [0.025, 1e-6]) {
    const [low, high] = shareLimits(some, all, error)
    expect(atMost(some, all, high) / error).toBeCloseTo(1, 5)
    expect((1 - atMost(some - 1, all, low)) / error).toBeCloseTo(1, 5)
  }
})
