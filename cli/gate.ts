/** `inference-gap gate`: a run judged again, without measuring, by thresholds of today and against an earlier run. */
import { appendFile } from 'node:fs/promises'
import path from 'node:path'
import { shown } from '../build/paths.ts'
import { type Comparison, compareWithBaseline, type Moved, movedMachine } from '../gap/baseline.ts'
import { readThresholds } from '../gap/thresholds.ts'
import { judge } from '../gap/verdict.ts'
import { baselineReport } from '../report/baseline.ts'
import { htmlReport } from '../report/html/page.ts'
import { junit } from '../report/junit.ts'
import { markdown } from '../report/markdown.ts'
import { type Run, readRun } from '../report/run.ts'
import { sentence, thresholdsTable } from '../report/terminal.ts'
import { codeOf, exitCode } from './exit-codes.ts'
import { refuseBroken } from './premises.ts'
import { keep, keepText } from './sessions.ts'

export interface GateOptions {
  /** An earlier run.json. */
  baseline?: string
  /** Absent: those that the run was judged by. */
  thresholds?: string
}

/** What `compare` and `gate` leave beside each other, for people and for CI. */
export async function leave(folder: string, run: Run, compared: Comparison[], moved: Moved[]): Promise<void> {
  const summary = markdown(run, compared, moved)
  await keepText(folder, 'summary.md', summary)
  await keepText(folder, 'report.html', htmlReport(run))
  await keepText(folder, 'junit.xml', junit(run, compared))
  await keep(folder, 'run.json', run)
  // What GitHub shows below a job.
  const { GITHUB_STEP_SUMMARY } = process.env
  if (GITHUB_STEP_SUMMARY) await appendFile(GITHUB_STEP_SUMMARY, summary)
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

export async function gate(file: string, options: GateOptions): Promise<number> {
  const before = await readRun(file)
  const baseline = await readBaseline(options.baseline)
  const thresholds =
    options.thresholds === undefined ? before.thresholds : await readThresholds(options.thresholds)
  const verdict = judge(before.measurement, thresholds, before.training, before.looks)
  const run: Run = { ...before, thresholds, verdict }
  const { compared, moved } = against(baseline, run)
  process.stdout.write(`\n${thresholdsTable(verdict.checks)}\n`)
  if (compared.length > 0) process.stdout.write(`${baselineReport(compared, moved)}\n`)
  process.stdout.write(`\n${sentence(run)}\n`)
  const folder = path.join(path.dirname(path.resolve(file)), 'gate')
  await leave(folder, run, compared, moved)
  process.stdout.write(`Report, JUnit, Markdown and JSON stand in ${shown(folder)}\n`)
  refuseBroken(run.premises, folder)
  return codeWithBaseline(run, compared)
}
