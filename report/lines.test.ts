import { expect, test } from 'vitest'
import { visible } from '../workload/shortened.ts'
import { html } from './html/markup.ts'
import { facts, failureLines, heading, mark, nextLine, premiseLines, wrapped } from './lines.ts'
import { brokenInMarkdown, failuresTable, mark as markdownMark, markdownTable, plain } from './markup.ts'

test('a heading stands below an empty line, with what is below it in brackets', () => {
  expect(heading('Gap')).toBe('\nGap')
  expect(heading('Gap', 'of TPS')).toBe('\nGap  (of TPS)')
})

test('text is broken at spaces where it would be too long, and not before', () => {
  expect(wrapped('one two', 7, 2)).toBe('one two')
  expect(wrapped('one two', 6, 2)).toBe('one\n  two')
  expect(wrapped('one two three', 9, 4)).toBe('one two\n    three')
  // What has no space is left whole.
  expect(wrapped('x'.repeat(20), 5, 1)).toBe('x'.repeat(20))
})

test('a fact has its name before it, and further lines under the first', () => {
  expect(
    facts([
      ['seed', '1'],
      ['machine', `${'x'.repeat(60)} processors`],
    ]),
  ).toBe(`  seed        1\n  machine     ${'x'.repeat(60)}\n              processors`)
})

test('a name as long as users give them is told apart from what it is about', () => {
  expect(
    facts([
      ['seed', '1'],
      ['postgres-pgbouncer', 'shared'],
    ]),
  ).toBe('  seed                1\n  postgres-pgbouncer  shared')
  const name = 'n'.repeat(60)
  expect(
    facts([
      ['seed', '1'],
      [name, 'x'],
    ]),
  ).toBe(`  ${'seed'.padEnd(38)}  1\n  ${name}  x`)
})

test.each([
  '\u001b[2J',
  '\u009b2J',
  '\u202e',
  '\u0007',
  '\u2066',
])('%j of a service moves no cursor, and turns nothing round', (sign) => {
  const given = `one ${sign}two\r\nthree`
  const shown = `one ${visible(sign)}two`
  const told = [wrapped(given, 80, 0), facts([['a', given]]), html`${given}`.text]
  for (const text of told) expect(text).toContain(`${shown} three`)
  expect(plain(given)).toContain(`two three`)
  for (const text of [...told, plain(given)]) expect(text).not.toMatch(/\p{C}/u)
})

test('what to do stands below what it is about', () => {
  expect(nextLine(undefined)).toBe('')
  expect(nextLine('Look')).toBe('\n    → Look')
  const premise = { name: 'keep-alive', holds: false, seen: 'lost', cause: 'a pooler', next: 'Keep them' }
  expect(premiseLines([{ ...premise, holds: true }, premise])).toEqual([
    '  ✓ keep-alive: lost; most likely cause: a pooler\n    → Keep them',
    '  ✗ keep-alive: lost; most likely cause: a pooler\n    → Keep them',
  ])
})

const failure = {
  ...{ side: 'a', kind: 'HTTP 503', times: '7', clients: '1, 5', where: 'measuring 7' },
  ...{ message: 'busy', next: 'Wait' },
}

test('a failure is a sentence, shorter where less is known', () => {
  expect(failureLines([failure, { ...failure, clients: '', message: '', next: '' }])).toEqual([
    '  ✗ a: HTTP 503 × 7 (clients: 1, 5; measuring 7): busy\n    → Wait',
    '  ✗ a: HTTP 503 × 7 (measuring 7)',
  ])
})

test('outcomes have their signs', () => {
  expect(mark).toEqual({ pass: '✓ holds', fail: '✗ crossed', undecided: '? undecided' })
  expect(markdownMark).toEqual({ pass: '✅ holds', fail: '❌ crossed', undecided: '❔ undecided' })
})

test('in Markdown text stays text, on one line', () => {
  expect(plain('a & b <i> | c\\d `e` *f* _g_ [h]\n\ti')).toBe(
    'a &amp; b &lt;i> \\| c\\\\d \\`e\\` \\*f\\* \\_g\\_ \\[h\\] i',
  )
  expect(markdownTable(['a', 'b'], [['1', '2']])).toBe('| a | b |\n| --- | ---: |\n| 1 | 2 |')
})

test('in Markdown premises that are broken are quotes, and failures a table', () => {
  const premise = { name: 'a', holds: false, seen: 'x', next: 'Do *it*' }
  expect(
    brokenInMarkdown([premise, { ...premise, holds: true }, { name: 'b', holds: false, seen: 'y' }]),
  ).toEqual([
    '> ❌ A premise is broken, so the figures mean nothing: a: x → Do \\*it\\*',
    '> ❌ A premise is broken, so the figures mean nothing: b: y',
  ])
  expect(failuresTable([{ ...failure, message: 'a|b' }]).split('\n')).toEqual([
    '| side | kind | times | clients | where | the first said | what to do |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    '| a | HTTP 503 | 7 | 1, 5 | measuring 7 | a\\|b | Wait |',
  ])
})
