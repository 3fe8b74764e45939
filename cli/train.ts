/** `inference-gap train`: what training takes in the database and in Python, in two ways each, at several numbers of rows. */
import os from 'node:os'
import { locked } from '../build/lock.ts'
import { thresholdsFile } from '../build/paths.ts'
import { preparedFlights, preparedScaled } from '../datasets/flights.ts'
import type { Prepared } from '../datasets/prepared.ts'
import type { Scale } from '../datasets/scaled.ts'
import type { GivenTable } from '../datasets/table.ts'
import type { Thresholds } from '../gap/bounds.ts'
import { readThresholds } from '../gap/thresholds.ts'
import { judgeTraining, type SizeCost, type TrainingBound } from '../gap/training.ts'
import { outcomeOf } from '../gap/verdict.ts'
import { type Results, withResults } from '../report/results.ts'
import { formats } from '../report/training/formats.ts'
import type { TrainingRun } from '../report/training/run.ts'
import { trainingTerminal } from '../report/training/terminal.ts'
import { machine } from '../targets/facts.ts'
import {
  refuseWithoutRoom,
  type TrainedSize,
  trainingSteps,
  type Way,
  withTraining,
} from '../targets/training-ways.ts'
import { published } from '../workload/published.ts'
import { preparedTable } from './data.ts'
import { codeOf } from './exit-codes.ts'
import { codeOfJudged } from './nothing-judged.ts'
import { show } from './progress.ts'
import { bundledFlights, scaling, trainingSetup } from './setup.ts'

export interface TrainOptions {
  /** A table of the user's own, in the place of the flights. */
  table?: GivenTable
  /** Of the flights, one after the other; absent: those that come with the project. */
  scales?: Scale[]
  /** Of each way; absent: one a core. */
  threads?: number
  /** The expected ratios. */
  thresholds?: string
  quiet?: boolean
  json?: boolean
  command: string
}

/** Of the embedded targets; the first is what the other is compared with. */
export const trainedSides = ['postgres', 'python']

const bounds: Partial<Record<Way, TrainingBound>> = {
  python: 'minTrainingMemoryRatio',
  'python-lean': 'minLeanTrainingMemoryRatio',
}

/** What `train` and `gate` say of what was measured. */
export function judgedTraining(sizes: TrainingRun['sizes'], thresholds: Thresholds) {
  const checks = judgeTraining(sizes as SizeCost[], thresholds, trainedSides, bounds)
  return { thresholds, checks, outcome: outcomeOf(checks) }
}

async function flightsOf(scale: Scale | undefined, signal: AbortSignal): Promise<Prepared> {
  await show([scale ? scaling(scale, signal) : bundledFlights(signal)])
  return scale ? preparedScaled(scale) : preparedFlights
}

/** Everything at one size. */
async function trained(
  prepared: Prepared,
  threads: number,
  server: Parameters<typeof trainingSteps>[0],
  signal: AbortSignal,
): Promise<TrainedSize> {
  let found: TrainedSize | undefined
  await show(
    trainingSteps(server, prepared, threads, signal, (size) => {
      found = size
    }),
  )
  if (!found) throw new Error('the steps must have run')
  return found
}

async function measure(
  { table, scales, threads = os.availableParallelism(), command, json, thresholds: named }: TrainOptions,
  { thresholds, left, startedAt }: { thresholds: Thresholds; left: Results<TrainingRun>; startedAt: Date },
  signal: AbortSignal,
): Promise<number> {
  const given = table && (await preparedTable(table))
  await show(trainingSetup(signal))
  const sizes: TrainedSize[] = []
  let dataset = given?.dataset
  await withTraining(async (server) => {
    for (const scale of scales ?? [undefined]) {
      if (scale) await refuseWithoutRoom(scale.rows)
      const prepared = given ?? (await flightsOf(scale, signal))
      dataset = prepared.dataset
      sizes.push(await trained(prepared, threads, server, signal))
    }
  }, signal)
  const { name, task, features, hyperparameters, testSize } = dataset as Prepared['dataset']
  const measured = sizes.map(({ versions: _, ...size }) => size) as TrainingRun['sizes']
  const run: TrainingRun = {
    kind: 'training',
    version: 1,
    startedAt: startedAt.toISOString(),
    command,
    machine: machine(),
    versions: Object.assign({}, ...sizes.map(({ versions }) => versions)),
    dataset: { name, task, features: features.length, hyperparameters, testSize },
    threads,
    ...(!table &&
      published.gap?.trainingMemory && {
        published: { source: published.source, ratio: published.gap.trainingMemory },
      }),
    sizes: measured,
    ...judgedTraining(measured, thresholds),
  }
  await left.leave(run)
  process.stdout.write(json ? `${JSON.stringify(run)}\n` : `${trainingTerminal(run)}\n${left.said()}\n`)
  return codeOfJudged({
    judged: run.checks.length,
    code: codeOf(run.outcome),
    thresholds,
    named,
    of: 'this training',
  })
}

/** @returns the exit code */
export async function train(options: TrainOptions, signal: AbortSignal): Promise<number> {
  const file = options.thresholds ?? (options.table ? undefined : thresholdsFile)
  const thresholds = file === undefined ? {} : await readThresholds(file, trainedSides)
  return locked(() =>
    withResults(
      (left: Results<TrainingRun>, startedAt) => measure(options, { thresholds, left, startedAt }, signal),
      formats,
    ),
  )
}
