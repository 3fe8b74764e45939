/** `inference-gap modes`: the same question sent in each of the three query modes, in one run beside all other sides. */
import { BadInput } from '../build/failure.ts'
import type { LoadedWorkload } from '../build/workload.ts'
import { figuresOf } from '../gap/figures.ts'
import { premisesOf } from '../gap/premises.ts'
import { gapsOf } from '../gap/verdict.ts'
import { modesReport } from '../report/modes.ts'
import { withResults } from '../report/results.ts'
import { machine } from '../targets/facts.ts'
import { queryModes } from '../workload/workload.ts'
import { exitCode } from './exit-codes.ts'
import { refuseBroken } from './premises.ts'
import { type SessionSettings, Sessions } from './sessions.ts'
import { type GivenTargets, readTargets, withTargets } from './targets.ts'

export interface ModesOptions
  extends Omit<SessionSettings, 'sides' | 'beside' | 'queryMode' | 'rate'>,
    GivenTargets {}

/** Each query in all modes, everything else as it is. @throws {BadInput} where nothing speaks SQL */
function inEachMode({ sides }: LoadedWorkload): string[] {
  if (!sides.some(({ protocol }) => protocol === 'sql'))
    throw new BadInput('modes: no side of the workload speaks SQL, and only a query has modes')
  return sides.flatMap(({ name, protocol }) =>
    protocol === 'sql' ? queryModes.map((mode) => `${name}:${mode}`) : [name],
  )
}

export async function modes(options: ModesOptions, signal: AbortSignal): Promise<number> {
  const read = await readTargets(options)
  const sides = inEachMode(read.workload)
  return withResults((left) =>
    withTargets(read, signal, async (targets) => {
      const sessions = new Sessions({ ...options, queryMode: 'prepared', sides }, targets, left, signal)
      const measurement = await sessions.measure()
      const { clients, sides: keys, pairs } = measurement.settings
      const result = {
        figures: clients.flatMap((count) => keys.flatMap((key) => figuresOf(measurement, key, count) ?? [])),
        gaps: gapsOf(measurement),
        last: keys.at(-1) ?? '',
        pairs,
        sessions: measurement.settings.sessions,
      }
      const premises = premisesOf(measurement)
      await left.keepJson('modes.json', { machine: machine(), ...result, premises, measurement })
      process.stdout.write(`${modesReport(result)}\n\n${left.said()}\n`)
      refuseBroken(premises, left.folder)
      return exitCode.pass
    }),
  )
}
