/** `inference-gap merge`: parts of one comparison, each measured by a k6 of its own, put together and judged as one run. */

import { BadInput, CouldNotMeasure } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import { readBytes, textOf } from '../build/user-file.ts'
import { extentOf } from '../gap/baseline.ts'
import type { Objective } from '../gap/capacity/evidence.ts'
import { laddersOf } from '../gap/capacity/ladder.ts'
import { type Given, objectivesOf, permittedBy, UnreadableObjective } from '../gap/capacity/objective.ts'
import { clientCosts } from '../gap/cost.ts'
import { type Measurement, parseMeasurement } from '../gap/measurement.ts'
import { type GivenPart, joined } from '../gap/parts.ts'
import { premisesOf } from '../gap/premises.ts'
import { judge, withPremises } from '../gap/verdict.ts'
import { formats } from '../report/formats.ts'
import { ladderReport } from '../report/ladder.ts'
import { withResults } from '../report/results.ts'
import type { Run } from '../report/run.ts'
import { machine } from '../targets/facts.ts'
import { allSides } from '../workload/resolve.ts'
import { exitCode } from './exit-codes.ts'
import { leaveRun, readBaseline } from './gate.ts'
import { refuseBroken } from './premises.ts'
import { readWorkload, thresholdsOf } from './targets.ts'

export interface MergeOptions {
  /** What was asked; absent: what comes with the project. */
  workload?: string
  /** The expected gaps; absent: the file that the workload names. */
  thresholds?: string
  /** An earlier run.json to compare with. */
  baseline?: string
  /** The run as JSON on standard output, instead of the report. */
  json?: boolean
  /** What is to hold at rates that were fixed beforehand (RATES); absent: the parts are judged as a comparison. */
  objective?: Given[]
  command: string
}

const hint = 'Give what each k6 left at SUMMARY_FILE'

async function readPart(file: string): Promise<GivenPart> {
  const given = { file, most: 256e6, hint }
  const text = textOf(await readBytes(given), given)
  try {
    return { file: shown(file), measurement: parseMeasurement(text, shown(file)) }
  } catch (error) {
    // It is no k6 that failed here: another file was named.
    throw error instanceof CouldNotMeasure ? new BadInput(error.message, hint) : error
  }
}

/** @throws {BadInput} where the parts are of another workload than the thresholds would be */
function checkWorkload({ workload }: Measurement, own: { name: string; sides: readonly string[] }): void {
  if (workload.name !== own.name || workload.sides.join() !== own.sides.join())
    throw new BadInput(
      `The parts are of the workload ${workload.name} (${workload.sides.join(', ')}), not of ${own.name} (${own.sides.join(', ')})`,
      'Name the workload that was measured by --workload',
    )
}

/** @throws {BadInput} */
function objectivesFor(sides: readonly string[], given: readonly Given[]): ReadonlyMap<string, Objective> {
  try {
    return objectivesOf(sides, given)
  } catch (error) {
    throw error instanceof UnreadableObjective ? new BadInput(error.message) : error
  }
}

/** @returns the exit code */
async function ladder(
  measurement: Measurement,
  objectives: ReadonlyMap<string, Objective>,
  { json }: MergeOptions,
): Promise<number> {
  const ladders = laddersOf(measurement, objectives)
  if (ladders.length === 0)
    throw new BadInput(
      '--objective: the parts were not asked at rates of their own',
      'Start each k6 with RATES, or leave it out',
    )
  return withResults(async (left) => {
    const premises = premisesOf(measurement, clientCosts(measurement), permittedBy(objectives))
    const found = { ladders, premises, measurement }
    await left.keepJson('ladder.json', found)
    process.stdout.write(json ? `${JSON.stringify(found)}\n` : `${ladderReport(ladders)}\n\n${left.said()}\n`)
    refuseBroken(premises, left.folder)
    return exitCode.pass
  })
}

/** @returns the exit code */
export async function merge(files: readonly string[], options: MergeOptions): Promise<number> {
  if (options.objective && (options.baseline ?? options.thresholds) !== undefined)
    throw new BadInput('--objective has tables of its own: leave it out, or --thresholds and --baseline')
  const workload = await readWorkload(options.workload)
  const thresholds = await thresholdsOf(options.thresholds, workload)
  const parts: GivenPart[] = []
  for (const file of files) parts.push(await readPart(file))
  const measurement = joined(parts)
  const sides = allSides(workload)
  checkWorkload(measurement, { name: workload.name, sides })
  const baseline = await readBaseline(options.baseline, extentOf({ measurement }))
  if (options.objective) return ladder(measurement, objectivesFor(sides, options.objective), options)
  return withResults(async (left) => {
    const costs = clientCosts(measurement)
    const programs = [...new Set(measurement.parts?.flatMap(({ made }) => made.program || []))]
    const premises = premisesOf(measurement, costs, thresholds)
    const run: Run = {
      version: 3,
      startedAt: measurement.startedAt,
      command: options.command,
      // Of whoever puts them together; the parts tell of theirs.
      machine: machine(),
      versions: Object.fromEntries(programs.map((digest) => ['scenarios', digest.slice(0, 12)])),
      targets: {},
      ...(workload.published && { published: workload.published }),
      looks: 1,
      premises,
      costs,
      thresholds,
      measurement,
      verdict: withPremises(judge(measurement, thresholds), premises),
    }
    return await leaveRun(run, left, { baseline, json: options.json, named: options.thresholds })
  }, formats)
}
