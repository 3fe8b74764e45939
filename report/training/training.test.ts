import { expect, test } from 'vitest'
import { all, attribute, one, read } from '../../tests/junit/read.ts'
import { columnsOf } from '../fixture.ts'
import { sampleTrainingRun } from './fixture.ts'
import { formats } from './formats.ts'
import { type TrainingRun, trainingRunSchema } from './run.ts'
import { trainingTerminal } from './terminal.ts'

const run = sampleTrainingRun()
const rendered = async (file: string) => formats.find((each) => each.file === file)?.render(run) ?? ''

test('the terminal has every way at every size, how it grows, and the published ratio beside the largest size', () => {
  const lines = trainingTerminal(run).split('\n')
  expect(lines.find((line) => /28,000 +database/.test(line))).toMatch(/200 +180 +1\.00 +r2 0\.250000/)
  expect(lines.filter((line) => /plain +1,200 +1,080 +2\.00 .*6\.00× +2\.00×/.test(line))).toHaveLength(1)
  // (200 − 100) MB over 24,000 rows
  expect(lines.find((line) => /database +4,000 +28,000/.test(line))).toMatch(/4,167 +0\.000/)
  expect(lines.find((line) => /4,000 +lean/.test(line))).toMatch(/1,000 +7 +1\.2e-6/)
  expect(lines.at(-1)).toBe(
    'At 28,000 rows training in database has 200 MB resident at most; plain 6.00× and lean 0.750× of that (published: 2.20×); 1 of 1 thresholds crossed.',
  )
  for (const line of lines.slice(0, -1)) expect(line.length, line).toBeLessThanOrEqual(80)
})

test('what is left is read again, shown as Markdown, and a case for CI', async () => {
  expect(trainingRunSchema.parse(JSON.parse(await rendered('training.json')))).toEqual(run)
  expect(await rendered('summary.md')).toContain(
    '|  | plain | 1,200 | 1,080 | 2.00 | r2 0.250000 | 6.00× | 2.00× |',
  )
  expect(await rendered('summary.md')).toContain('one &amp; only')
  expect(await rendered('junit.xml')).toContain('name="gap.minLeanTrainingMemoryRatio at 28,000 rows"')
  expect(await rendered('junit.xml')).toContain('measured 0.750×, expected ≥ 0.800×')
})

const setUp =
  'flights: a regression of 10 features by {"n_estimators":25} on 2 threads; the last 25 % of the rows are held out (7,000, 1,000)'
const said =
  'At 28,000 rows training in database has 200 MB resident at most; plain 6.00× and lean 0.750× of that (published: 2.20×); 1 of 1 thresholds crossed.'

test('the whole report in a terminal', () => {
  const lines = columnsOf(trainingTerminal(run))
  expect(lines.slice(0, 21)).toEqual([
    'Training | (resident at most, and how many times that of the first way)',
    'rows | way | peak MB | mark MB | time s | held out | memory | time',
    '28,000 | database | 200 | 180 | 1.00 | r2 0.250000',
    'plain | 1,200 | 1,080 | 2.00 | r2 0.250000 | 6.00× | 2.00×',
    'lean | 150 | 135 | 0.500 | r2 0.250000 | 0.750× | 0.500×',
    '4,000 | database | 100 | 90 | 1.00 | r2 0.250000',
    'plain | 600 | 540 | 2.00 | r2 0.250000 | 6.00× | 2.00×',
    'lean | 150 | 135 | 0.500 | r2 0.250000 | 1.50× | 0.500×',
    'Growth',
    'way | from rows | to rows | bytes a row | µs a row',
    // 100 and 600 MB more for 24,000 rows.
    'database | 4,000 | 28,000 | 4,167 | 0.000',
    'plain | 4,000 | 28,000 | 25,000 | 0.000',
    'lean | 4,000 | 28,000 | 0.000 | 0.000',
    "Predictions | (of the held-out rows, beside those of the first way's model)",
    'rows | way | compared | same bits | largest difference',
    '28,000 | plain | 7,000 | 7,000 | 0',
    '28,000 | lean | 7,000 | 7 | 1.2e-6',
    '4,000 | plain | 1,000 | 1,000 | 0',
    '4,000 | lean | 1,000 | 7 | 1.2e-6',
    'Thresholds',
    'rows | measured | bound',
  ])
  expect(lines[21]).toBe('gap.minLeanTrainingMemoryRatio | 28,000 | 0.750× | ≥ 0.800× | ✗ crossed')
  expect(lines.slice(22).join(' ').replaceAll(' | ', ' ')).toBe(
    `Run what ${setUp} machine one & only, 2 cores, 4.00 GB, Linux versions xgboost 3.2.0 repeat ${run.command} ${said}`,
  )
})

test('the whole summary in Markdown', async () => {
  const lines = (await rendered('summary.md')).split('\n').filter((line) => line !== '')
  expect(lines.slice(0, 4)).toEqual([
    '## Training',
    `**${said}**`,
    '| rows | way | peak MB | mark MB | time s | held out | memory | time |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
  ])
  expect(lines).toContain('How each way grows:')
  expect(lines).toContain('| plain | 4,000 | 28,000 | 25,000 | 0.000 |')
  expect(lines).toContain("Predictions beside those of the first way's model:")
  expect(lines).toContain('| 28,000 | lean | 7,000 | 7 | 1.2e-6 |')
  expect(lines.slice(-11)).toEqual([
    '| threshold | rows | measured | bound |  |',
    '| --- | ---: | ---: | ---: | ---: |',
    '| `gap.minLeanTrainingMemoryRatio` | 28,000 | 0.750× | ≥ 0.800× | ❌ crossed |',
    '<details><summary>Run</summary>',
    '|  |  |',
    '| --- | ---: |',
    `| what | ${setUp.replace('n_estimators', 'n\\_estimators')} |`,
    '| machine | one &amp; only, 2 cores, 4.00 GB, Linux |',
    '| versions | xgboost 3.2.0 |',
    '| repeat | npx inference-gap train --rows 4000,28000 |',
    '</details>',
  ])
})

test('for CI a crossed threshold fails with what was measured, one that holds is a case, and the time is that of all trainings', async () => {
  const [check] = run.checks
  if (!check) throw new Error('no check')
  const both = { ...run, checks: [check, { ...check, rows: 4000, outcome: 'pass' as const }] }
  const xml = (await formats.find(({ file }) => file === 'junit.xml')?.render(both)) ?? ''
  const document = read(xml)
  const names = all(document, '//testcase').map((each) => attribute(each, 'name'))
  expect(names).toEqual([
    'gap.minLeanTrainingMemoryRatio at 28,000 rows',
    'gap.minLeanTrainingMemoryRatio at 4,000 rows',
  ])
  const failure = one(document, '//failure')
  expect(attribute(failure, 'type')).toBe('threshold crossed')
  expect(failure.content).toBe(
    'threshold: gap.minLeanTrainingMemoryRatio at 28,000 rows\nmeasured: 0.750×\nexpected: ≥ 0.800×',
  )
  const suite = one(document, '//testsuite')
  expect(attribute(suite, 'name')).toBe('thresholds')
  // 1, 2 and half a second, at two sizes.
  expect(Number(attribute(suite, 'time'))).toBe(7)
  expect(one(document, '//system-out').content).toBe(said.replace('1 of 1', '1 of 2'))
})

test('where there is one size and nothing to compare, less is told', async () => {
  const [first] = run.sizes
  if (!first) throw new Error('no size')
  const alone: TrainingRun = {
    ...run,
    ...{ sizes: [{ ...first, agreement: [] }], checks: [], threads: 1 },
  }
  delete alone.published
  const text = trainingTerminal(alone)
  for (const heading of ['Growth', 'Predictions', 'Thresholds']) expect(text).not.toContain(heading)
  expect(text.replace(/\s+/g, ' ')).toContain('on 1 thread; the last 25 %')
  expect(text).toMatch(/ of that; no threshold was judged\.$/)
  const markdown = (await formats.find(({ file }) => file === 'summary.md')?.render(alone)) ?? ''
  for (const heading of ['How each way grows', 'Predictions', 'threshold |'])
    expect(markdown).not.toContain(heading)
})
