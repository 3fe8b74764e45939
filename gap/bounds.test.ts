import { expect, test } from 'vitest'
import { boundsAt, boundsOf, failureBoundOf, gapBoundsOf, gapPath, isByPair } from './bounds.ts'

const one = { minTps: 1 }
const four = { clients: 4, minTps: 3, maxFailureRate: 0.2 }
const nine = { clients: 9, maxFailureRate: 0.1 }

test('bounds of a side are one or several', () => {
  expect(boundsOf({ a: one }, 'a')).toEqual([one])
  expect(boundsOf({ a: [one, four] }, 'a')).toEqual([one, four])
  expect(boundsOf({ a: one }, 'b')).toEqual([])
  // What every object has is no side's.
  expect(boundsOf({ a: one }, 'toString')).toEqual([])
})

test.each([
  [1, one],
  [4, four],
  [9, nine],
  [2, undefined],
])('at %i clients those hold that name the number, and without one those of one client', (clients, expected) => {
  expect(boundsAt({ a: [nine, one, four] }, 'a', clients)).toEqual(expected)
  expect(boundsAt({ a: one }, 'a', clients)).toEqual(clients === 1 ? one : undefined)
})

test('failures hold at every number of clients: of several bounds the least', () => {
  expect(failureBoundOf({ a: [one, four, nine] }, 'a')).toBe(0.1)
  expect(failureBoundOf({ a: { maxFailureRate: 0 } }, 'a')).toBe(0)
  expect(failureBoundOf({ a: one }, 'a')).toBeUndefined()
  expect(failureBoundOf({}, 'a')).toBeUndefined()
})

const [low, high] = [{ minTpsRatio: 1 }, { minTpsRatio: 2 }]

test('a gap without a name is that of the only pair there is', () => {
  expect(gapBoundsOf({ gap: low }, 'a', ['a', 'b'])).toEqual(low)
  expect(gapBoundsOf({ gap: low }, 'b', ['a', 'b'])).toBeUndefined()
  for (const side of ['a', 'b', 'c']) expect(gapBoundsOf({ gap: low }, side, ['a', 'b', 'c'])).toBeUndefined()
  expect(gapBoundsOf({ gap: low }, 'a', ['a'])).toBeUndefined()
  expect(gapBoundsOf({}, 'a', ['a', 'b'])).toBeUndefined()
})

test('gaps by pair are each those of a side against the last one', () => {
  const gap = { 'a/c': low, 'b/c': high, 'a/b': { minTpsRatio: 9 } }
  expect(gapBoundsOf({ gap }, 'a', ['a', 'b', 'c'])).toEqual(low)
  expect(gapBoundsOf({ gap }, 'b', ['a', 'b', 'c'])).toEqual(high)
  expect(gapBoundsOf({ gap }, 'c', ['a', 'b', 'c'])).toBeUndefined()
  expect(gapBoundsOf({ gap: { 'a/b': low } }, 'a', ['a', 'b'])).toEqual(low)
})

test('in messages a gap is called as the file calls it', () => {
  expect([isByPair(low), isByPair({ 'a/c': low }), isByPair({})]).toEqual([false, true, false])
  expect(gapPath(low, 'a', 'b')).toBe('gap')
  expect(gapPath({ 'a/c': low }, 'a', 'c')).toBe('gap.a/c')
})
