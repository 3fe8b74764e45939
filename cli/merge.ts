/** `inference-gap merge`: parts of one comparison, each measured by a k6 of its own, put together and judged as one run. */

import { BadInput } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import { readBytes, textOf } from '../build/user-file.ts'
import { clientCosts } from '../gap/cost.ts'
import { type Measurement, parseMeasurement } from '../gap/measurement.ts'
import { type GivenPart, joined } from '../gap/parts.ts'
import { premisesOf } from '../gap/premises.ts'
import { judge, withPremises } from '../gap/verdict.ts'
import { formats } from '../report/formats.ts'
import { withResults } from '../report/results.ts'
import type { Run } from '../report/run.ts'
import { machine } from '../targets/facts.ts'
import { allSides } from '../workload/resolve.ts'
import { leaveRun, readBaseline } from './gate.ts'
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
  command: string
}

const hint = 'Give what each k6 left at SUMMARY_FILE'

async function readPart(file: string): Promise<GivenPart> {
  const given = { file, most: 256e6, hint }
  const text = textOf(await readBytes(given), given)
  return { file: shown(file), measurement: parseMeasurement(text, shown(file)) }
}

/** @throws {BadInput} where the parts are of another workload than the thresholds would be */
function checkWorkload({ workload }: Measurement, own: { name: string; sides: readonly string[] }): void {
  if (workload.name !== own.name || workload.sides.join() !== own.sides.join())
    throw new BadInput(
      `The parts are of the workload ${workload.name} (${workload.sides.join(', ')}), not of ${own.name} (${own.sides.join(', ')})`,
      'Name the workload that was measured by --workload',
    )
}

/** @returns the exit code */
export async function merge(files: readonly string[], options: MergeOptions): Promise<number> {
  const workload = await readWorkload(options.workload)
  const thresholds = await thresholdsOf(options.thresholds, workload)
  const baseline = await readBaseline(options.baseline)
  const parts: GivenPart[] = []
  for (const file of files) parts.push(await readPart(file))
  const measurement = joined(parts)
  checkWorkload(measurement, { name: workload.name, sides: allSides(workload) })
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
    return await leaveRun(run, left, { baseline, json: options.json })
  }, formats)
}
