import { expect, test } from 'vitest'
import { formats } from './formats.ts'
import { type TrainingRun, trainingRunSchema } from './run.ts'
import { trainingTerminal } from './terminal.ts'

const way = (name: string, megabytes: number, seconds: number) => ({
  way: name,
  sampledBytes: megabytes * 1e6,
  markBytes: megabytes * 0.9e6,
  seconds,
  metrics: { mean_absolute_error: 3, r2: 0.25 },
})
const size = (rows: number, factor: number) => ({
  rows,
  trainRows: rows * 0.75,
  testRows: rows * 0.25,
  ways: [way('database', 100 * factor, 1), way('plain', 600 * factor, 2), way('lean', 150, 0.5)] as const,
  agreement: [
    { way: 'plain', rows: rows * 0.25, identical: rows * 0.25, largestDifference: 0 },
    { way: 'lean', rows: rows * 0.25, identical: 7, largestDifference: 0.00000123 },
  ],
})
const run: TrainingRun = trainingRunSchema.parse({
  kind: 'training',
  version: 1,
  startedAt: '2026-01-02T03:04:05.000Z',
  command: 'npx inference-gap train --rows 4000,28000',
  machine: { system: 'Linux', processor: 'one & only', cores: 2, memory: 4e9 },
  versions: { xgboost: '3.2.0' },
  dataset: {
    name: 'flights',
    task: 'regression',
    features: 10,
    hyperparameters: { n_estimators: 25 },
    testSize: 0.25,
  },
  threads: 2,
  published: { source: 'https://example.org', ratio: 2.2 },
  sizes: [size(28_000, 2), size(4000, 1)],
  thresholds: { gap: { minLeanTrainingMemoryRatio: 0.8 } },
  checks: [
    {
      threshold: 'gap.minLeanTrainingMemoryRatio',
      rows: 28_000,
      measured: 0.75,
      relation: '≥',
      bound: 0.8,
      unit: 'times',
      outcome: 'fail',
    },
  ],
  outcome: 'fail',
})
const rendered = (file: string) => formats.find((each) => each.file === file)?.render(run) ?? ''

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

test('what is left is read again, shown as Markdown, and a case for CI', () => {
  expect(trainingRunSchema.parse(JSON.parse(rendered('training.json')))).toEqual(run)
  expect(rendered('summary.md')).toContain(
    '|  | plain | 1,200 | 1,080 | 2.00 | r2 0.250000 | 6.00× | 2.00× |',
  )
  expect(rendered('summary.md')).toContain('one &amp; only')
  expect(rendered('junit.xml')).toContain('name="gap.minLeanTrainingMemoryRatio at 28,000 rows"')
  expect(rendered('junit.xml')).toContain('measured 0.750×, expected ≥ 0.800×')
})
