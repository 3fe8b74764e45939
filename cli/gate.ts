/** `inference-gap gate`: a run or a search judged again, without measuring, by thresholds of today; a run also against an earlier one. */
import path from 'node:path'
import { BadInput } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import { type Comparison, compareWithBaseline, movedMachine } from '../gap/baseline.ts'
import type { Thresholds } from '../gap/bounds.ts'
import { readThresholds } from '../gap/thresholds.ts'
import { judge, withPremises } from '../gap/verdict.ts'
import { baselineReport } from '../report/baseline.ts'
import { formats as formatsOfSearch } from '../report/capacity/formats.ts'
import type { CapacityRun } from '../report/capacity/run.ts'
import { thresholdLines } from '../report/capacity/terminal.ts'
import { verdictOf } from '../report/capacity/verdict.ts'
import { sentence as sentenceOfSearch } from '../report/capacity/words.ts'
import { type Format, formats } from '../report/formats.ts'
import { isSearch, latestResult, type Result, readResult, readRun, resultIn } from '../report/result.ts'
import { Results } from '../report/results.ts'
import type { Run } from '../report/run.ts'
import { sentence, terminalReport, thresholdsTable } from '../report/terminal.ts'
import { codeOf, exitCode } from './exit-codes.ts'
import { refuseBroken } from './premises.ts'

export interface GateOptions {
  /** An earlier run.json. */
  baseline?: string
  /** Absent: those that the run was judged by. */
  thresholds?: string
}

/** What has changed since an earlier run, and what it may come from; nothing where there is none. */
export const against = (baseline: Run | undefined, { verdict, costs }: Run) => ({
  compared: baseline ? compareWithBaseline(baseline.verdict.gaps, verdict.gaps) : [],
  moved: baseline ? movedMachine(baseline.costs, costs) : [],
})

/** The verdict's code, and a crossed threshold's where a gap has regressed. */
function codeWithBaseline(run: Run, compared: Comparison[]): number {
  const regressed = compared.some(({ change }) => change === 'regressed')
  return regressed ? exitCode.crossed : codeOf(run.verdict.outcome)
}

/** Leaves a run that was measured, and shows it. @returns the exit code @throws {CouldNotMeasure} where a premise is broken */
export async function leaveRun(
  run: Run,
  left: Results,
  { baseline, json }: { baseline: Run | undefined; json?: boolean | undefined },
): Promise<number> {
  const { compared, moved } = against(baseline, run)
  await left.leave({ run, compared, moved })
  if (json) process.stdout.write(`${JSON.stringify(run)}\n`)
  else {
    if (compared.length > 0) process.stdout.write(`${baselineReport(compared, moved)}\n`)
    process.stdout.write(`${terminalReport(run)}\n${left.said()}\n`)
  }
  refuseBroken(run.premises, left.folder)
  return codeWithBaseline(run, compared)
}

export async function readBaseline(file: string | undefined): Promise<Run | undefined> {
  return file === undefined ? undefined : readRun(file)
}

/** What it is judged by, and what there is to say of it. */
interface Judged<T> {
  /** As {@link Results.leave} takes it. */
  left: T
  formats: readonly Format<T>[]
  /** Below each other. */
  said: string[]
  code: number
}

function judgedRun(before: Run, thresholds: Thresholds, baseline: Run | undefined) {
  const judged = judge(before.measurement, thresholds, before.training, before.looks)
  const verdict = withPremises(judged, before.premises)
  const run: Run = { ...before, thresholds, verdict }
  const { compared, moved } = against(baseline, run)
  return {
    left: { run, compared, moved },
    formats,
    said: [
      `\n${thresholdsTable(verdict.checks)}`,
      ...(compared.length > 0 ? [baselineReport(compared, moved)] : []),
      `\n${sentence(run)}`,
    ],
    code: codeWithBaseline(run, compared),
  }
}

function judgedSearch(before: CapacityRun, thresholds: Thresholds) {
  const run: CapacityRun = { ...before, thresholds, verdict: verdictOf(before, thresholds) }
  return {
    left: run,
    formats: formatsOfSearch,
    said: ['', ...thresholdLines(run), `\n${sentenceOfSearch(run)}`],
    code: codeOf(run.verdict.outcome),
  }
}

/** Shows it and leaves it beside the result. @returns the exit code @throws {CouldNotMeasure} where a premise is broken */
async function told<T>(
  file: string,
  { premises }: Result,
  { left: what, formats, said, code }: Judged<T>,
): Promise<number> {
  const folder = path.dirname(path.resolve(file))
  const left = await Results.open(path.join(folder, 'gate'), formats)
  process.stdout.write(`${said.join('\n')}\n`)
  await left.leave(what)
  process.stdout.write(`${left.said('Report, JUnit, Markdown and JSON')}\n`)
  refuseBroken(premises, folder)
  return code
}

/** @param given what compare or capacity left, or its folder; absent: the latest */
export async function gate(given: string | undefined, options: GateOptions): Promise<number> {
  const file = given === undefined ? await latestResult() : resultIn(given)
  const before = await readResult(file)
  const isOfCapacity = isSearch(before)
  if (isOfCapacity && options.baseline !== undefined)
    throw new BadInput(
      `--baseline ${options.baseline}: ${shown(file)} is a search of capacity, which has no gaps to compare`,
      'Name the run.json that is meant, or leave --baseline out',
    )
  const baseline = await readBaseline(options.baseline)
  const sides = isOfCapacity ? before.workload.sides : before.measurement.workload.sides
  const thresholds =
    options.thresholds === undefined ? before.thresholds : await readThresholds(options.thresholds, sides)
  if (given === undefined) process.stdout.write(`\nThe latest run: ${shown(file)}\n`)
  return isOfCapacity
    ? told(file, before, judgedSearch(before, thresholds))
    : told(file, before, judgedRun(before, thresholds, baseline))
}
