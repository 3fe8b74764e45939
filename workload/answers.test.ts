import { describe, expect, test } from 'vitest'
import { difference, isAnswer, isIdentical, isSame, relativeDifference } from './answers.ts'
import type { Answer, AnswerKind, Compare } from './workload.ts'

const { NaN: notANumber, POSITIVE_INFINITY: infinity } = Number

test.each<[AnswerKind, unknown[], unknown[]]>([
  [
    'number',
    [0, -0, 1.5, -1e300, 5e-324],
    [notANumber, infinity, -infinity, '1', 1n, null, undefined, [1], true],
  ],
  [
    'numbers',
    [[1], [0, -0, 1e300], new Float32Array([1, 2]), { 0: 1, length: 1 }],
    [[], 1, 'a', [1, '2'], [notANumber], [1, infinity], [null], null, undefined, {}, { length: 1 }],
  ],
  ['text', ['', 'a', '1'], [1, null, undefined, ['a'], true]],
  ['truth', [true, false], ['true', 0, 1, null, undefined]],
])('answers of the kind %s', (kind, answers, none) => {
  for (const each of answers) expect(isAnswer[kind](each), JSON.stringify(each)).toBe(true)
  for (const each of none) expect(isAnswer[kind](each), String(each)).toBe(false)
})

test.each([
  [0, -0, 0],
  [0, 1, 1],
  [1, -1, 2],
  [-4, -1, 0.75],
  [1e308, -1e308, infinity],
])('between %f and %f the relative difference is %f', (a, b, expected) => {
  expect(relativeDifference(a, b)).toBe(expected)
  expect(relativeDifference(b, a)).toBe(expected)
})

test.each<[Answer, Answer, number]>([
  [1, 1, 0],
  [2, 1, 0.5],
  [[1, 2], [1, 2], 0],
  // The largest of them.
  [[1, 4, 8], [1, 3, 8], 0.25],
  [[1], [1, 1], infinity],
  [[1, 1], [1], infinity],
  // One number is a list of one.
  [[3], 3, 0],
  ['a', 'a', 0],
  ['a', 'b', infinity],
  ['1', 1, infinity],
  [true, true, 0],
  [true, false, infinity],
])('%j and %j differ by %f', (a, b, expected) => {
  expect(difference(a, b)).toBe(expected)
  expect(difference(b, a)).toBe(expected)
})

describe('the same', () => {
  test.each<[Answer, Answer, Exclude<Compare, false>, boolean]>([
    [1, 1, 'equal', true],
    [1, 1 + Number.EPSILON, 'equal', false],
    [0, -0, 'equal', true],
    [100_000, 99_999, { tolerance: 1e-5 }, true],
    [100_000, 99_998, { tolerance: 1e-5 }, false],
    [0, 1e-300, { tolerance: 0.9 }, false],
    [1, 1, { tolerance: 0 }, true],
    [[1, 2], [1, 2.1], { tolerance: 0.05 }, true],
    [[1, 2], [1, 2.2], { tolerance: 0.05 }, false],
    // Of others lengths nothing is near enough.
    [[1, 2], [1, 2, 3], { tolerance: 1 }, false],
    ['a', 'a', 'equal', true],
    ['a', 'A', 'equal', false],
    ['é', 'e\u0301', 'equal', false],
    [true, false, 'equal', false],
    [false, false, 'equal', true],
    // What is no number is no number's equal, not even its own.
    [notANumber, notANumber, { tolerance: 1 }, false],
    [notANumber, 1, 'equal', false],
    [1, [notANumber], { tolerance: 1 }, false],
    [[1, notANumber], [1, 1], { tolerance: 1 }, false],
  ])('%j and %j by %j: %s', (a, b, compare, expected) => {
    expect(isSame(a, b, compare)).toBe(expected)
    expect(isSame(b, a, compare)).toBe(expected)
  })

  test('a function decides alone, and only by true', () => {
    const seen: unknown[][] = []
    const says = (answer: unknown) =>
      isSame(1, 2, ((a: number, b: number) => {
        seen.push([a, b])
        return answer
      }) as never)
    expect([true, false, 1, 'yes', undefined].map(says)).toEqual([true, false, false, false, false])
    expect(seen[0]).toEqual([1, 2])
  })
})

test.each<[Answer, Answer, boolean]>([
  [1, 1, true],
  // A float4 as its shortest decimal, and as the double that it is.
  [0.1, 0.10000000149011612, true],
  [0.1, 0.1000001, false],
  // Another bit.
  [0, -0, false],
  [notANumber, notANumber, true],
  [[1, 2], [1, 2], true],
  [[1, 2], [1, 3], false],
  [[1, 2], [1, 2, 3], false],
  [[1, 2, 3], [1, 2], false],
  ['a', 'a', true],
  ['a', 'b', false],
  [true, true, true],
  [true, 1, false],
])('%j and %j are the same 32 bits: %s', (a, b, expected) => {
  expect(isIdentical(a, b)).toBe(expected)
})
