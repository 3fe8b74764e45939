import { expect, test } from 'vitest'
import { besideTurnLength, roundsOf, roundsOfConnection, turnLength, turnOfSlow } from './turns.ts'

test('more clients take longer turns, and a block has at least one round', () => {
  expect([1, 5, 20, 100].map(turnLength)).toEqual([25, 100, 400, 2000])
  expect([1, 5, 20, 100].map(besideTurnLength)).toEqual([25, 25, 40, 200])
  expect([25, 50, 100, 400].map(roundsOfConnection)).toEqual([5, 3, 1, 1])
  expect(roundsOf(2, 50)).toBe(20)
  expect(roundsOf(2, 2000)).toBe(1)
  expect(roundsOf(1, 2000)).toBe(1)
})

test.each([
  ['of slow answers holds ten', 6, 30, 300],
  ['is never shorter than it would be', 6, 1, 25],
  ['divides a block: 5.2 would not', 1, 9.6, 100],
  ['is at most half of a block', 1.5, 1e6, 750],
  ['is as ever in a block that is shorter than two of them', 0.02, 50, 25],
  ['is as ever where nothing is known', 6, Number.NaN, 25],
  ['is half of a block for answers that never came', 6, Number.POSITIVE_INFINITY, 3000],
])('a turn %s', (_, seconds, answerMs, milliseconds) => {
  expect(turnOfSlow(25, answerMs, seconds)).toBe(milliseconds)
})

test('blocks of slow answers last as long as others', () => {
  for (const answerMs of [2.6, 7, 11, 33, 120, 400])
    for (const seconds of [0.5, 1.5, 6]) {
      const turn = turnOfSlow(25, answerMs, seconds)
      expect(roundsOf(seconds, turn) * 2 * turn).toBeCloseTo(seconds * 1000, 6)
    }
})
