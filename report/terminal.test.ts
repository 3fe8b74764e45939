import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { sampleRun } from './fixture.ts'
import { figure } from './table.ts'
import { sentence, terminalReport } from './terminal.ts'

test('says everything that there is to know', () => {
  const text = terminalReport(sampleRun())
  for (const part of [
    '1,000',
    '5.00× [5.00, 5.00]',
    '6.90×',
    '2.23×',
    'gap.minTpsRatio',
    'prepared',
    'seed',
    '1000 keys',
  ])
    expect(text).toContain(part)
})

test('says what a share of a rate is of', () => {
  const run = sampleRun()
  run.offered = { share: 0.125, of: 'python', capacity: 1234, clients: 20 }
  expect(terminalReport(run).replace(/\s+/g, ' ')).toContain(
    'offered 12.5 % of the 1,234 requests a second that python served to 20 clients',
  )
})

test('fits 80 columns', () => {
  const lines = stripVTControlCharacters(terminalReport(sampleRun())).split('\n')
  // The last line is the verdict, one sentence that a terminal may wrap.
  expect(lines.slice(0, -1).filter((line) => line.length > 80)).toEqual([])
})

test('is plain where nobody looks', () => {
  const text = terminalReport(sampleRun())
  expect(text).toBe(stripVTControlCharacters(text))
})

test.each<[number[], string]>([
  [
    [5, 5, 5, 5],
    'At one client postgres gives 5.00 times as many answers as python [5.00, 5.00]; all 10 thresholds hold.',
  ],
  [[0.5, 0.5], 'python gives 2.00 times as many answers as postgres'],
  [[0.5, 0.5], '3 of 10 thresholds crossed'],
  [[2, 3, 5, 8], '3 of 10 thresholds undecided'],
])('%j: %s', (gaps, expected) => {
  expect(sentence(sampleRun(gaps))).toContain(expected)
})

test('where nothing was judged, nothing is said to hold', () => {
  const run = sampleRun()
  run.verdict.checks = []
  expect(sentence(run)).toContain('; no threshold was judged.')
  run.verdict.gaps = []
  expect(sentence(run)).toBe('No threshold was judged.')
})

test('figures have the digits that tell them apart', () => {
  expect([12345.6, 99.94, 9.994, 0.12345, Number.NaN].map(figure)).toEqual([
    '12,346',
    '99.9',
    '9.99',
    '0.123',
    '-',
  ])
})
