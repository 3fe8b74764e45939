import { expect, test } from 'vitest'
import { isSteady } from './steady.ts'

test.each<[string, number[], boolean]>([
  ['too few rates to tell', [5, 5, 5, 5, 5, 5, 5], false],
  ['the same rate all along', [5, 5, 5, 5, 5, 5, 5, 5], true],
  ['still rising', [10, 20, 30, 40, 50, 60, 70, 80], false],
  ['falling', [80, 70, 60, 50, 40, 30, 20, 10], false],
  ['risen, then level', [1, 2, 50, 100, 101, 99, 100, 102, 100, 98], true],
  ['noise about a level', [100, 80, 120, 95, 110, 85, 115, 90], true],
  ['a small drift that does not matter', [100, 100, 100, 100, 103, 103, 103, 103], true],
  ['a step just now', [100, 100, 100, 100, 130, 131, 129, 130], false],
  [
    'a step after what was as high on the whole',
    [160, 160, 160, 160, 100, 100, 100, 100, 130, 131, 129, 130],
    false,
  ],
  ['nothing, then something now and then', [0, 0, 0, 0, 5, 0, 5, 0], false],
  ['something now and then, then nothing', [5, 0, 5, 0, 0, 0, 0, 0], false],
  ['exactly 5 % more, and no noise', [100, 100, 100, 100, 105, 105, 105, 105], false],
  // Variances of 33.3 each, by n - 1, so that two standard errors are 8.16.
  ['7.5 more where two standard errors are 8.16', [92.5, 102.5, 92.5, 102.5, 100, 110, 100, 110], true],
  // Variances of 18.
  ['exactly two standard errors more', [106, 97, 97, 100, 112, 103, 103, 106], false],
  ['nothing at all', [0, 0, 0, 0, 0, 0, 0, 0], true],
  ['nothing, then something', [0, 0, 0, 0, 5, 5, 5, 5], false],
])('%s', (_, rates, expected) => {
  expect(isSteady(rates)).toBe(expected)
})
