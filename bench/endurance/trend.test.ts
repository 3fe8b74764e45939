import { expect, test } from 'vitest'
import { trendOf } from './trend.ts'

const minutes = (count: number, valueAt: (hours: number) => number) =>
  Array.from({ length: count + 1 }, (_, minute) => ({ hours: minute / 60, value: valueAt(minute / 60) }))

test('what grows evenly has its slope, without uncertainty', () => {
  const trend = trendOf(minutes(120, (hours) => 100 + 7 * hours))
  expect(trend?.slope).toBeCloseTo(7, 9)
  expect(trend?.low).toBeCloseTo(7, 9)
  expect(trend?.high).toBeCloseTo(7, 9)
  expect(trend?.mean).toBeCloseTo(107, 0)
})

test('what only sways around one value has 0 within its interval', () => {
  const trend = trendOf(minutes(120, (hours) => 100 + Math.sin(2 * Math.PI * 2 * hours)))
  expect(trend?.low).toBeLessThan(0)
  expect(trend?.high).toBeGreaterThan(0)
})

// scipy.stats.linregress(range(10), [0, 1, 0, 1, …]) has slope 0.030303 and stderr 0.060606; scipy.stats.t.ppf(0.975, 8) is 2.306004.
test('its interval is that of least squares', () => {
  const trend = trendOf(Array.from({ length: 10 }, (_, hours) => ({ hours, value: hours % 2 })))
  expect(trend?.slope).toBeCloseTo(0.030303, 6)
  expect(trend?.high).toBeCloseTo(0.030303 + 2.306004 * 0.060606, 5)
  expect(trend?.low).toBeCloseTo(0.030303 - 2.306004 * 0.060606, 5)
})

test('three looks are the fewest that tell of a trend', () => {
  expect(trendOf([])).toBeUndefined()
  expect(trendOf(minutes(1, () => 1))).toBeUndefined()
  expect(trendOf(minutes(2, () => 1))?.slope).toBe(0)
})
