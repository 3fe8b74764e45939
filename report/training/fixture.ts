/** Made-up trainings with known figures, for tests of what is made from them. */
import { type TrainingRun, trainingRunSchema } from './run.ts'

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
/** The larger size first; at it a bound is crossed. */
export const sampleTrainingRun = (): TrainingRun =>
  trainingRunSchema.parse({
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
