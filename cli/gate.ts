/** `inference-gap gate`: what was measured judged again by thresholds of today; a run also against an earlier one. */
import path from 'node:path'
import { BadInput } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import {
  type Comparison,
  compareWithBaseline,
  type Extent,
  extentOf,
  movedMachine,
  whyNotComparable,
} from '../gap/baseline.ts'
import type { Thresholds } from '../gap/bounds.ts'
import { isOpenModel } from '../gap/measurement.ts'
import { type Premise, premisesBy } from '../gap/premises.ts'
import { readThresholds } from '../gap/thresholds.ts'
import { judge, withPremises } from '../gap/verdict.ts'
import { baselineReport } from '../report/baseline.ts'
import { formats as formatsOfSearch } from '../report/capacity/formats.ts'
import type { CapacityRun } from '../report/capacity/run.ts'
import { thresholdLines } from '../report/capacity/terminal.ts'
import { verdictOf } from '../report/capacity/verdict.ts'
import { sentence as sentenceOfSearch } from '../report/capacity/words.ts'
import { type Format, formats } from '../report/formats.ts'
import {
  instead,
  isSearch,
  isTraining,
  latestResult,
  type Result,
  readResult,
  readRun,
  resultIn,
} from '../report/result.ts'
import { Results } from '../report/results.ts'
import type { Run } from '../report/run.ts'
import { sentence, terminalReport, thresholdsTable } from '../report/terminal.ts'
import { formats as formatsOfTraining } from '../report/training/formats.ts'
import type { TrainingRun } from '../report/training/run.ts'
import { thresholdLines as thresholdLinesOfTraining } from '../report/training/terminal.ts'
import { sentence as sentenceOfTraining } from '../report/training/words.ts'
import { codeOf, exitCode } from './exit-codes.ts'
import { codeOfJudged } from './nothing-judged.ts'
import { refuseBroken } from './premises.ts'
import { judgedTraining, trainedSides } from './train.ts'

export interface GateOptions {
  /** An earlier run.json. */
  baseline?: string
  /** Absent: those that the run was judged by. */
  thresholds?: string
}

/** What has changed since an earlier run, and what it may come from; nothing where there is none. */
export const against = (baseline: Run | undefined, { verdict, costs, measurement }: Run) => ({
  compared: baseline
    ? compareWithBaseline(baseline.verdict.gaps, verdict.gaps, isOpenModel(measurement))
    : [],
  moved: baseline ? movedMachine(baseline.costs, costs) : [],
})

/** The verdict's code, and a crossed threshold's where a gap has regressed. */
function codeWithBaseline({ verdict: { checks, outcome } }: Run, compared: Comparison[]): number {
  if (compared.some(({ change }) => change === 'regressed')) return exitCode.crossed
  // Where no bound says anything, the baseline is what it is judged by.
  return checks.length === 0 && compared.length > 0 && outcome === 'undecided'
    ? exitCode.pass
    : codeOf(outcome)
}

/** Leaves a run that was measured, and shows it. @returns the exit code @throws {CouldNotMeasure} where a premise is broken */
export async function leaveRun(
  run: Run,
  left: Results,
  {
    baseline,
    json,
    named,
  }: { baseline: Run | undefined; json?: boolean | undefined; named?: string | undefined },
): Promise<number> {
  const { compared, moved } = against(baseline, run)
  await left.leave({ run, compared, moved })
  if (json) process.stdout.write(`${JSON.stringify(run)}\n`)
  else {
    if (compared.length > 0) process.stdout.write(`${baselineReport(compared, moved)}\n`)
    process.stdout.write(`${terminalReport(run)}\n${left.said()}\n`)
  }
  refuseBroken(run.premises, left.folder)
  return codeOfJudged({
    judged: run.verdict.checks.length + compared.length,
    code: codeWithBaseline(run, compared),
    thresholds: run.thresholds,
    named,
    of: 'this run',
  })
}

/**
 * @param now what it is to be compared with
 * @throws {BadInput} also where it has no gap that this has, too: nothing would regress, whatever became of it
 */
export async function readBaseline(file: string | undefined, now: Extent): Promise<Run | undefined> {
  if (file === undefined) return undefined
  const baseline = await readRun(file)
  const why = whyNotComparable(extentOf(baseline), now)
  if (why !== undefined)
    throw new BadInput(
      `--baseline ${shown(file)} has no gap to compare with: ${why}`,
      'Name a run of the same sides and of some of the same numbers of clients, or leave --baseline out',
    )
  return baseline
}

/** What it is judged by, and what there is to say of it. */
interface Judged<T> {
  /** As {@link Results.leave} takes it. */
  left: T
  premises: Premise[]
  formats: readonly Format<T>[]
  /** Below each other. */
  said: string[]
  /** Bounds that were judged, and changes against the baseline. */
  judged: number
  code: number
}

function judgedRun(before: Run, thresholds: Thresholds, baseline: Run | undefined) {
  const judged = judge(before.measurement, thresholds, before.training, before.looks)
  const premises = premisesBy(before.premises, before.measurement, thresholds)
  const run: Run = { ...before, thresholds, premises, verdict: withPremises(judged, premises) }
  const { compared, moved } = against(baseline, run)
  return {
    left: { run, compared, moved },
    premises,
    formats,
    said: [
      ...(run.verdict.checks.length > 0 ? [`\n${thresholdsTable(run.verdict.checks)}`] : []),
      ...(compared.length > 0 ? [baselineReport(compared, moved)] : []),
      `\n${sentence(run)}`,
    ],
    judged: run.verdict.checks.length + compared.length,
    code: codeWithBaseline(run, compared),
  }
}

function judgedSearch(before: CapacityRun, thresholds: Thresholds) {
  const run: CapacityRun = { ...before, thresholds, verdict: verdictOf(before, thresholds) }
  return {
    left: run,
    premises: before.premises,
    formats: formatsOfSearch,
    said: ['', ...thresholdLines(run), `\n${sentenceOfSearch(run)}`],
    judged: run.verdict.checks.length,
    code: codeOf(run.verdict.outcome),
  }
}

function judgedTrainings(before: TrainingRun, thresholds: Thresholds) {
  const run: TrainingRun = { ...before, ...judgedTraining(before.sizes, thresholds) }
  return {
    left: run,
    premises: [],
    formats: formatsOfTraining,
    said: ['', ...thresholdLinesOfTraining(run), `\n${sentenceOfTraining(run)}`],
    judged: run.checks.length,
    code: codeOf(run.outcome),
  }
}

/** The sides by whose names it may be judged. */
function sidesOf(result: Result): readonly string[] {
  if (isTraining(result)) return trainedSides
  return isSearch(result) ? result.workload.sides : result.measurement.workload.sides
}

/**
 * Shows it and leaves it beside the result. @returns the exit code @throws {CouldNotMeasure} where a premise is broken
 * @param named the file of thresholds that was named: where no bound of it is judged, nothing has passed
 */
async function told<T>(
  file: string,
  { thresholds, named }: { thresholds: Thresholds; named: string | undefined },
  { left: what, premises, formats, said, judged, code }: Judged<T>,
): Promise<number> {
  const folder = path.dirname(path.resolve(file))
  const left = await Results.open(path.join(folder, 'gate'), formats)
  process.stdout.write(`${said.join('\n')}\n`)
  await left.leave(what)
  process.stdout.write(`${left.said('Report, JUnit, Markdown and JSON')}\n`)
  refuseBroken(premises, folder)
  return codeOfJudged({ judged, code, thresholds, named, of: shown(file) })
}

/** @param given what compare, capacity or train left, or its folder; absent: the latest */
export async function gate(given: string | undefined, options: GateOptions): Promise<number> {
  const file = given === undefined ? await latestResult() : resultIn(given)
  const before = await readResult(file)
  const other = instead(before)
  if (other !== undefined && options.baseline !== undefined)
    throw new BadInput(
      `--baseline ${options.baseline}: ${shown(file)} is ${other}, which has no gaps to compare`,
      'Name the run.json that is meant, or leave --baseline out',
    )
  const baseline = 'kind' in before ? undefined : await readBaseline(options.baseline, extentOf(before))
  const thresholds =
    options.thresholds === undefined
      ? before.thresholds
      : await readThresholds(options.thresholds, sidesOf(before))
  const by = { thresholds, named: options.thresholds }
  if (given === undefined) process.stdout.write(`\nThe latest run: ${shown(file)}\n`)
  if (isTraining(before)) return told(file, by, judgedTrainings(before, thresholds))
  return isSearch(before)
    ? told(file, by, judgedSearch(before, thresholds))
    : told(file, by, judgedRun(before, thresholds, baseline))
}
