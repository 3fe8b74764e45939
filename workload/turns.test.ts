import { expect, test } from 'vitest'
import { besideTurnLength, roundsOf, roundsOfConnection, turnLength } from './turns.ts'

test('more clients take longer turns, and a block has at least one round', () => {
  expect([1, 5, 20, 100].map(turnLength)).toEqual([25, 100, 400, 2000])
  expect([1, 5, 20, 100].map(besideTurnLength)).toEqual([25, 25, 40, 200])
  expect([25, 50, 100, 400].map(roundsOfConnection)).toEqual([5, 3, 1, 1])
  expect(roundsOf(2, 50)).toBe(20)
  expect(roundsOf(2, 2000)).toBe(1)
  expect(roundsOf(1, 2000)).toBe(1)
})
