/** `train` on the real parts, in small. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { inCache } from '../build/paths.ts'
import { exitCode } from '../cli/exit-codes.ts'
import { type TrainingRun, trainingRunSchema } from '../report/training/run.ts'
import { inferenceGap, leftBehind } from './program.ts'
import { left } from './verdicts.ts'

test('each way is measured at each size, comes to the same model, and is judged', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'train '))
  const thresholds = path.join(folder, 'thresholds.json')
  try {
    await writeFile(
      thresholds,
      JSON.stringify({ gap: { minTrainingMemoryRatio: 0.001, minLeanTrainingMemoryRatio: 1000 } }),
    )
    const { code, output } = await inferenceGap(
      'train',
      ...['--rows', '4000,9000', '--threads', '1', '--thresholds', thresholds],
    )
    expect(code, output).toBe(exitCode.crossed)
    const run = trainingRunSchema.parse(await left<TrainingRun>(output, 'training.json'))
    expect(run.threads).toBe(1)
    expect(run.sizes.map(({ rows, trainRows, testRows }) => [rows, trainRows, testRows])).toEqual([
      [4000, 3000, 1000],
      [9000, 6750, 2250],
    ])
    for (const { ways, agreement, testRows } of run.sizes) {
      expect(ways.map(({ way }) => way)).toEqual(['postgres', 'python', 'python-lean', 'postgres-in-memory'])
      for (const { markBytes = 0, metrics } of ways) {
        expect(markBytes).toBeGreaterThan(10e6)
        // The same rows were held out, and the same model was asked for them.
        expect(metrics.r2).toBeCloseTo(ways[0]?.metrics.r2 as number, 9)
      }
      expect(agreement.map(({ rows, identical }) => [rows, identical])).toEqual([
        [testRows, testRows],
        [testRows, testRows],
        [testRows, testRows],
      ])
    }
    expect(run.checks.map(({ threshold, rows, outcome }) => [threshold, rows, outcome])).toEqual(
      [4000, 9000].flatMap((rows) => [
        ['gap.minTrainingMemoryRatio', rows, 'pass'],
        ['gap.minLeanTrainingMemoryRatio', rows, 'fail'],
      ]),
    )
    expect(existsSync(inCache('training'))).toBe(false)
    expect(await leftBehind()).toEqual([])
  } finally {
    await rm(folder, { recursive: true })
  }
})
