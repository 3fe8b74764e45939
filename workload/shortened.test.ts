import { expect, test } from 'vitest'
import { namesInWords, shortened } from './shortened.ts'

test.each<[unknown, string]>([
  [null, 'null'],
  [true, 'true'],
  [-1.5, '-1.5'],
  [Number.NaN, 'NaN'],
  [undefined, 'undefined'],
  ['a "b"\n', '"a \\"b\\"\\n"'],
  [[1, [2, []], { a: {}, 'b c': [3] }], '[1,[2,[]],{"a":{},"b c":[3]}]'],
])('%j is shown as JSON writes it', (value, expected) => {
  expect(shortened(value)).toBe(expected)
})

test('what nobody sees is shown by its number', () => {
  expect(shortened('\ufeffa\u202e\u00a0b c')).toBe('"\\u{feff}a\\u{202e}\\u{a0}b c"')
})

test.each([
  ['text', 'x'.repeat(1e7)],
  ['a list', Array.from({ length: 1e5 }, () => 1)],
  ['an object', { ['k'.repeat(1e6)]: 1 }],
  ['faces', '😀'.repeat(1000)],
])('%s is cut, and it shows', (_, value) => {
  const text = shortened(value, 20)
  expect(text.length).toBeGreaterThan(18)
  expect(text.length).toBeLessThan(22)
  expect(text.at(-1)).toBe('…')
  // Halves of pairs become something else on the way to bytes.
  expect(Buffer.from(text).toString()).toBe(text)
})

test('as long as allowed is not cut', () => {
  expect(shortened('x'.repeat(18), 20)).toBe(`"${'x'.repeat(18)}"`)
})

test('names are told all where they are few and short, and never more than a message holds', () => {
  expect(namesInWords([])).toBe('')
  expect(namesInWords(['a', 'b-c'])).toBe('a, b-c')
  const many = Array.from({ length: 31 }, (_, at) => `c${at}`)
  expect(namesInWords(many.slice(0, 30))).toMatch(/, c28, c29$/)
  expect(namesInWords([...many, 'x'])).toMatch(/, c28, c29 and 2 more$/)
  expect(namesInWords(['x'.repeat(60), 'y'.repeat(1e6)])).toBe(`${'x'.repeat(60)}, ${'y'.repeat(60)}…`)
  expect(namesInWords(['a\nb'])).toBe('a\\u{a}b')
})
