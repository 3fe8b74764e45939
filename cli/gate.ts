/** `inference-gap gate`: a run judged again, without measuring, by thresholds of today and against an earlier run. */
import path from 'node:path'
import { shown } from '../build/paths.ts'
import { type Comparison, compareWithBaseline, movedMachine } from '../gap/baseline.ts'
import { readThresholds } from '../gap/thresholds.ts'
import { judge } from '../gap/verdict.ts'
import { baselineReport } from '../report/baseline.ts'
import { formats } from '../report/formats.ts'
import { latestRun, Results } from '../report/results.ts'
import { type Run, readRun } from '../report/run.ts'
import { sentence, thresholdsTable } from '../report/terminal.ts'
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
export function codeWithBaseline(run: Run, compared: Comparison[]): number {
  const regressed = compared.some(({ change }) => change === 'regressed')
  return regressed ? exitCode.crossed : codeOf(run.verdict.outcome)
}

export async function readBaseline(file: string | undefined): Promise<Run | undefined> {
  return file === undefined ? undefined : readRun(file)
}

/** @param given run.json; absent: the latest */
export async function gate(given: string | undefined, options: GateOptions): Promise<number> {
  const file = given ?? (await latestRun())
  const before = await readRun(file)
  const baseline = await readBaseline(options.baseline)
  const thresholds =
    options.thresholds === undefined
      ? before.thresholds
      : await readThresholds(options.thresholds, before.measurement.workload.sides)
  const left = await Results.open(path.join(path.dirname(path.resolve(file)), 'gate'), formats)
  const verdict = judge(before.measurement, thresholds, before.training, before.looks)
  const run: Run = { ...before, thresholds, verdict }
  const { compared, moved } = against(baseline, run)
  if (given === undefined) process.stdout.write(`\nThe latest run: ${shown(file)}\n`)
  process.stdout.write(`\n${thresholdsTable(verdict.checks)}\n`)
  if (compared.length > 0) process.stdout.write(`${baselineReport(compared, moved)}\n`)
  process.stdout.write(`\n${sentence(run)}\n`)
  await left.leave({ run, compared, moved })
  process.stdout.write(`${left.said('Report, JUnit, Markdown and JSON')}\n`)
  refuseBroken(run.premises, left.folder)
  return codeWithBaseline(run, compared)
}
