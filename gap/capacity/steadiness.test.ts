import { expect, test } from 'vitest'
import type { Point } from './evidence.ts'
import { growthOf } from './steadiness.ts'

const points = (...growths: number[]) => growths.map((growth) => ({ growth }) as Point)

test('the interval is that of the mean, and a backlog grows where all of it is above the bound', () => {
  // R: t.test(c(0.02, 0.03, 0.04, 0.03)) has 0.0170077 to 0.0429923.
  const found = growthOf(points(0.02, 0.03, 0.04, 0.03))
  expect(found.growth).toBeCloseTo(0.03, 12)
  expect(found.low).toBeCloseTo(0.0170077, 7)
  expect(found.high).toBeCloseTo(0.0429923, 7)
  expect(found.isGrowing).toBe(true)
  expect(growthOf(points(0.03, -0.02, 0.03)).isGrowing).toBe(false)
})

test('half of a hundredth of real time is no backlog yet', () => {
  expect(growthOf(points(0.005, 0.005)).isGrowing).toBe(false)
  expect(growthOf(points(0.0051, 0.0051)).isGrowing).toBe(true)
})

test('a single round tells of a backlog only where it is far from none', () => {
  expect(growthOf(points(0.1)).isGrowing).toBe(false)
  expect(growthOf(points(0.11))).toEqual({
    ...{ growth: 0.11, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, isGrowing: true },
  })
})
