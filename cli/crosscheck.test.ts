import { expect, test } from 'vitest'
import { questioned } from './crosscheck.ts'

test('clients of other makes ask for keys from all over, as k6 does, and for all where there are few', () => {
  const keys = Array.from({ length: 100_000 }, (_, key) => key)
  const some = questioned(keys, 1) as number[]
  expect(new Set(some).size).toBe(20_000)
  // Of the even distribution the mean is 50,000, with a standard error of 204.
  const mean = some.reduce((sum, key) => sum + key, 0) / some.length
  expect(Math.abs(mean - 50_000)).toBeLessThan(1500)
  expect(questioned(keys, 1)).toEqual(some)
  expect(questioned(keys, 2)).not.toEqual(some)
  expect(questioned(keys.slice(0, 20_000), 1)).toEqual(keys.slice(0, 20_000))
})
