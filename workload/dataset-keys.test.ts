import { expect, test } from 'vitest'
import { misfitsOfDatasetKeys } from './dataset-keys.ts'
import { flights } from './flights.ts'
import { misfitsOfKeys } from './keys.ts'
import { inLines, inWords } from './misfit.ts'

const misfitsOf = misfitsOfDatasetKeys(flights)
const key = [35, 2013, 1, 22]
const told = (keys: unknown) => misfitsOfKeys(keys, misfitsOf).map(inWords)

test('keys of four whole numbers fit', () => {
  expect(told([key])).toEqual([])
  // What is asked for more often may stand there more often.
  expect(told([key, [7, 2013, 1, 1], key])).toEqual([])
  // The ends of Postgres' integer.
  expect(told([key, [-2147483648, 2147483647, 0, -0]])).toEqual([])
})

test.each<[unknown, string]>([
  [{}, '(the whole file) = {}: expected an array of keys'],
  ['keys', '(the whole file) = "keys": expected an array of keys'],
  [null, '(the whole file) = null: expected an array of keys'],
  [[], '(the whole file) = []: expected an array of keys, at least one'],
  [[key, [35, 2013, 1]], '[1] = [35,2013,1]: expected [originairportid, year, month, dayofmonth]'],
  [[[...key, 5]], '[0] = [35,2013,1,22,5]: expected ['],
  [[35, 2013, 1, 22], '[0] = 35: expected ['],
  [[{ year: 1 }], '[0] = {"year":1}: expected ['],
  [[null], '[0] = null: expected ['],
  [[[35, '2013', 1, 22]], '[0][1] = "2013": expected a whole number'],
  [[[35, 2013.5, 1, 22]], '[0][1] = 2013.5: expected a whole number'],
  [[[35, null, 1, 22]], '[0][1] = null: expected a whole number'],
  [
    [[2147483648, 2013, 1, 22]],
    '[0][0] = 2147483648: expected a whole number from -2147483648 to 2147483647',
  ],
  [[[Number.POSITIVE_INFINITY, 2013, 1, 22]], '[0][0] = Infinity: expected a whole number'],
])('%j does not', (keys, expected) => {
  expect(told(keys)[0]).toContain(expected)
})

test('a million that do not fit make a short message', () => {
  const lines = inLines(misfitsOf(Array.from({ length: 1e6 }, () => ['x'.repeat(100)])))
  expect(lines.length).toBeLessThan(1000)
})
