import { expect, test } from 'vitest'
import { refusals, WrongAnswer } from './ask.ts'

const words = { expected: 'expected a number', from: 'from the row' }

/** What is thrown, which must be a wrong answer. */
function thrown(act: () => unknown): WrongAnswer {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(WrongAnswer)
    return error as WrongAnswer
  }
  throw new Error('nothing was thrown')
}

test('an answer of another kind is told with what it was made of, where that is known', () => {
  const { wrong } = refusals('predict', words)
  expect(thrown(() => wrong('x')).message).toBe('expected a number, got "x"')
  expect(thrown(() => wrong(undefined, [1, null])).message).toBe(
    'expected a number, got undefined from the row [1,null]',
  )
  expect(thrown(() => wrong(null, new ArrayBuffer(3))).message).toBe(
    'expected a number, got null from the row 3 bytes',
  )
  expect(thrown(() => wrong(null)).kind).toBe('wrong answer')
})

test("what a side's own function throws is told, whatever that is", () => {
  const { threw } = refusals('part', words)
  expect(thrown(() => threw(new TypeError('no such field'), { a: 1 })).message).toBe(
    'its value throws: no such field from the row {"a":1}',
  )
  expect(thrown(() => threw('a text', 5)).message).toBe('its value throws: a text from the row 5')
})

test('a message shows 200 characters of an answer, and says that there are more', () => {
  const shown = (text: string) =>
    thrown(() => refusals('predict', words).wrong(text)).message.slice('expected a number, got '.length)
  // Both quotes count.
  expect(shown('x'.repeat(198))).toBe(`"${'x'.repeat(198)}"`)
  expect(shown('x'.repeat(199))).toBe(`"${'x'.repeat(199)}…`)
})

test('a secret is covered before anything is cut, so that no part of one is left', () => {
  const covered = (text: string) => text.replaceAll('hunter2', '…')
  const { wrong, threw } = refusals('predict', { ...words, covered })
  const long = `${'x'.repeat(195)}hunter2`
  expect(thrown(() => wrong(long)).message).toBe(`expected a number, got "${'x'.repeat(195)}…"`)
  expect(thrown(() => threw(new Error('no hunter2'), 'hunter2')).message).toBe(
    'its value throws: no … from the row "…"',
  )
})

test('of a null server nobody expects anything', () => {
  const { wrong, threw } = refusals('null', words)
  expect(wrong('x', 5)).toBe('x')
  expect(threw(new Error('no'), 5)).toBeUndefined()
})
