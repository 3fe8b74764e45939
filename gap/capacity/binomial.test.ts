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
