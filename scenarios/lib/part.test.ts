import { expect, test } from 'vitest'
import { usersIn } from '../../workload/parts.ts'
import { partOf } from './part.ts'

const quarters = '0,1/4,1/2,3/4,1'

test.each([
  [undefined, undefined, { index: 0, of: 1 }],
  ['0:1', undefined, { index: 0, of: 1 }],
  ['0:1/2', '0,1/2,1', { index: 0, of: 2 }],
  ['1/2:3/4', quarters, { index: 2, of: 4 }],
  ['0.75:1', '0,25%,50%,75%,1', { index: 3, of: 4 }],
  ['1/3:2/3', '0,1/3,2/3,1', { index: 1, of: 3 }],
])('%s of %s', (segment, sequence, part) => {
  expect(partOf(segment, sequence)).toEqual(part)
})

test.each([
  ['0:2/3', '0,2/3,1', "executionSegment: '0:2/3'; expected one of parts of equal size"],
  ['1/8:3/8', quarters, 'expected one of parts of equal size'],
  ['here', quarters, 'expected one of parts of equal size'],
  ['0:1/4', undefined, 'executionSegmentSequence: is not set; expected 0,1/4,2/4,3/4,1'],
  ['0:1/4', '0,1/4,1/2,1', "executionSegmentSequence: '0,1/4,1/2,1'; expected 0,1/4,2/4,3/4,1"],
])('%s of %s is refused', (segment, sequence, message) => {
  expect(() => partOf(segment, sequence)).toThrow(message)
})

test('all parts together have all users, each once', () => {
  for (const clients of [4, 5, 7, 20, 101])
    for (const of of [1, 2, 3, 4]) {
      const numbers = Array.from({ length: of }, (_, index) => {
        const own = Array.from({ length: usersIn({ index, of }, clients) }, (_, at) => index + 1 + at * of)
        expect(Math.max(...own)).toBeLessThanOrEqual(clients)
        return own
      }).flat()
      expect(new Set(numbers).size).toBe(clients)
    }
})
