import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../build/paths.ts'
import { type Mutant, readEquivalents, scoreOf, sorted } from './mutant.ts'

const mutant = (change: string, killed: boolean): Mutant => ({
  file: 'gap/a.ts',
  line: 3,
  code: 'return a < b',
  change,
  killed,
})
const equivalents = (...changes: string[]) => [
  { file: 'gap/a.ts', code: 'return a < b', changes, reason: 'a and b never are the same number' },
]

test('only what survived and stands in the list is explained; the score is of all others', () => {
  const done = sorted(
    [mutant('1', true), mutant('2', true), mutant('3', true), mutant('4', false), mutant('5', false)],
    equivalents('4'),
  )
  expect(done.listed.map(({ change }) => change)).toEqual(['4'])
  expect(done.survived.map(({ change }) => change)).toEqual(['5'])
  expect(scoreOf(done)).toBe(75)
})

test('an explanation of what was killed, or is no longer there, is stale', () => {
  expect(sorted([mutant('1', true)], equivalents('1', '2')).stale).toEqual([
    'gap/a.ts: return a < b: 1',
    'gap/a.ts: return a < b: 2',
  ])
})

test('a mutant of another file or line is not explained by the same change', () => {
  const here = mutant('4', false)
  const elsewhere = [
    { ...here, file: 'gap/b.ts' },
    { ...here, code: 'return a < c' },
  ]
  expect(sorted(elsewhere, equivalents('4')).survived).toEqual(elsewhere)
})

test('where nothing was mutated, nothing is shown', () => {
  expect(scoreOf(sorted([], []))).toBe(0)
})

test('the list can be read, and each of its reasons says something', async () => {
  for (const { reason } of await readEquivalents()) expect(reason.split(' ').length).toBeGreaterThan(4)
})

test('each line that the list explains stands in its file', async () => {
  const gone = (await readEquivalents()).filter(
    ({ file, code }) =>
      !readFileSync(path.join(root, file), 'utf8')
        .split('\n')
        .some((line) => line.trim() === code),
  )
  expect(gone.map(({ file, code }) => `${file}: ${code}`)).toEqual([])
})
