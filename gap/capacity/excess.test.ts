import { expect, test } from 'vitest'
import type { Point } from './evidence.ts'
import { grouped, roundsOf, sumOf, usesOf } from './excess.ts'
import { parseObjective } from './objective.ts'

const point = (more: Partial<Point> = {}): Point => ({
  ...{ side: 'a', rate: 500, session: 1, round: 1, seconds: 2, due: 1000, answered: 990, failed: 10 },
  ...{ within: [], growth: 0, lateP99Ms: 0, dropped: 0, ...more },
})

test('what is used of what each term allows', () => {
  const objective = parseObjective('p99<10ms,failures<2%,mean<3ms')
  // 15 of 1000 are over the limit where 10 may be; 10 failed where 20 may; 990 answers took 1980 ms where 2970 may pass.
  const [tail, failures, mean] = usesOf(point({ within: [985, 990, 1980] }), objective)
  expect(tail).toEqual({ used: 15, allowed: expect.closeTo(10, 9) })
  expect(failures).toEqual({ used: 10, allowed: 20 })
  expect(mean).toEqual({ used: 1980, allowed: 2970 })
})

test('where nothing was answered no mean is held, by far', () => {
  const [mean] = usesOf(point({ answered: 0, failed: 1000, within: [0] }), parseObjective('mean<3ms'))
  expect(mean).toEqual({ used: 3_000_000, allowed: 3000 })
})

test('uses add up, so that a long round weighs as much as its requests', () => {
  expect(
    sumOf([
      { used: 1, allowed: 10 },
      { used: 4, allowed: 30 },
    ]),
  ).toEqual({ used: 5, allowed: 40 })
  expect(sumOf([])).toEqual({ used: 0, allowed: 0 })
})

test('groups stand in ascending order, whatever came first', () => {
  expect(grouped([30, 1, 31, 2, 10], (one) => Math.floor(one / 10))).toEqual([
    [0, [1, 2]],
    [1, [10]],
    [3, [30, 31]],
  ])
})

test('rounds stand by session, and the sides of one round together', () => {
  const [a, b, c, d] = [
    point({ session: 2, round: 1 }),
    point({ session: 1, round: 2 }),
    point({ session: 1, round: 1 }),
    point({ session: 1, round: 2, side: 'b' }),
  ]
  expect(roundsOf([a, b, c, d] as Point[])).toEqual([[[c], [b, d]], [[a]]])
})
