import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { latenciesOf, sampleBlock } from '../gap/fixture.ts'
import { premisesOf } from '../gap/premises.ts'
import { judge } from '../gap/verdict.ts'
import { failuresOf, whatMissedIs } from './failures.ts'
import { everyForm, sampleRun } from './fixture.ts'
import { formats } from './formats.ts'
import type { Run } from './run.ts'

/** A run whose service answered nothing but what was told. */
function failedRun(kind: string, message: string): Run {
  const run = sampleRun()
  const { measurement } = run
  measurement.blocks = measurement.blocks.map((block) =>
    block.key === 'python'
      ? { ...sampleBlock('python', block.pair, []), failed: latenciesOf([1, 1]) }
      : block,
  )
  measurement.failures = [
    { key: 'python', clients: 1, session: 1, phase: 'opening', kind, count: 1234, message },
    { key: 'python', clients: 1, session: 1, phase: 'measure', kind, count: 8, message },
  ]
  run.verdict = judge(measurement, run.thresholds, run.training)
  run.premises = premisesOf(measurement)
  return run
}

test.each([
  ['SQLSTATE 53300', 'FATAL: sorry, too many clients already', 'max_connections'],
  [
    'HTTP 302',
    'HTTP 302: redirected to /login, which is not followed',
    'No redirection is followed, by either half',
  ],
  ['TLS unknown authority', 'x509: certificate signed by unknown authority', '--ca FILE'],
  ['EMFILE', 'socket: too many open files', 'ulimit -n'],
])('%s reads as itself in every form', async (kind, message, next) => {
  for (const [form, text] of Object.entries(await everyForm(failedRun(kind, message)))) {
    expect(text, form).toContain(kind)
    expect(text, form).toContain(message.replace(`${kind}: `, ''))
    expect(text, form).toContain(next)
  }
})

test('the broken premise and the crossed threshold name it, in JUnit too', async () => {
  const run = failedRun('HTTP 503', 'HTTP 503: busy')
  const { terminal, 'junit.xml': xml = '' } = await everyForm(run)
  expect(terminal).toContain(
    'answers: in 4 of 8 blocks; most likely cause: python: HTTP 503 (1,242 times): busy',
  )
  expect(xml).toMatch(/<error message="broken: in 4 of 8 blocks; most likely cause: [^"]*HTTP 503/)
  const failure = /<testcase name="python.maxFailureRate[^>]*> <failure[^>]*>([^<]*)</.exec(xml)?.[1]
  expect(failure).toContain('failures: python: HTTP 503 × 1,242')
  // Postgres has not failed: its thresholds do not speak of it.
  expect(/<testcase name="postgres[^>]*> <failure/.test(xml)).toBe(false)
})

test('where nothing failed nothing is said', async () => {
  for (const [form, text] of Object.entries(await everyForm(sampleRun()))) {
    expect(text, form).not.toMatch(/Failures |What failed|most likely cause/)
  }
})

test('what a server says cannot become markup', async () => {
  const page = formats.find(({ file }) => file === 'report.html')
  const text = await page?.render({
    run: failedRun('HTTP 500', '<script>alert(1)</script>'),
    compared: [],
    moved: [],
  })
  expect(parseHTML(text ?? '').document.querySelectorAll('script')).toHaveLength(0)
})

test('what could not be found out after the load is told in every form', async () => {
  const run = sampleRun()
  run.missed = [{ what: 'versions', kind: 'SQLSTATE 53300', message: 'sorry, too many clients already' }]
  for (const [form, text] of Object.entries(await everyForm(run)))
    for (const part of ['versions', 'SQLSTATE 53300', 'sorry, too many clients already'])
      expect(text, form).toContain(part)
})

test('what was missed has no number of clients, and belongs to no side', () => {
  const run = sampleRun()
  run.missed = [
    { what: 'versions', kind: 'SQLSTATE 53300', message: 'sorry' },
    { what: 'settings', kind: 'odd', message: 'no' },
  ]
  const common = { times: '1', clients: '', where: 'after the load' }
  expect(failuresOf(run)).toEqual([
    {
      ...{ ...common, side: 'versions', kind: 'SQLSTATE 53300', message: 'sorry' },
      next: expect.stringContaining('max_connections'),
    },
    { ...common, side: 'settings', kind: 'odd', message: 'no', next: '' },
  ])
  expect(failuresOf(run, 'postgres')).toEqual([])
  expect(whatMissedIs).toBe('what could not be asked once the load was over')
})

test('where in a run something failed is told by its own words, with how often', () => {
  const run = sampleRun()
  run.measurement.failures = (['opening', 'warmup', 'lead', 'measure', 'beside'] as const).map(
    (phase, at) => ({
      ...{ key: 'python', clients: at < 2 ? 1 : 4, session: 1, phase, kind: 'odd', message: 'odd: no' },
      count: at + 1,
    }),
  )
  expect(failuresOf(run)).toEqual([
    {
      ...{ side: 'python', kind: 'odd', times: '15', clients: '1, 4', message: 'no', next: '' },
      where: 'connecting 1, warm-up 2, lead of a turn 3, measuring 4, measuring beside 5',
    },
  ])
  expect(failuresOf(run, 'postgres')).toEqual([])
})
