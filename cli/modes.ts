/** `inference-gap modes`: the same question sent in each of the three query modes, in one run beside the service. */
import { figuresOf } from '../gap/figures.ts'
import { premisesOf } from '../gap/premises.ts'
import { gapsOf } from '../gap/verdict.ts'
import { modesReport } from '../report/modes.ts'
import { withResults } from '../report/results.ts'
import { machine } from '../targets/facts.ts'
import { exitCode } from './exit-codes.ts'
import { refuseBroken } from './premises.ts'
import { type SessionSettings, Sessions } from './sessions.ts'
import { type GivenTargets, withTargets } from './targets.ts'

export interface ModesOptions
  extends Omit<SessionSettings, 'sides' | 'beside' | 'serializer' | 'queryMode' | 'rate' | 'thresholds'>,
    GivenTargets {
  thresholds: string
}

export async function modes(options: ModesOptions, signal: AbortSignal): Promise<number> {
  return withResults((left) =>
    withTargets(options, signal, async (targets) => {
      const sides = ['postgres:simple', 'postgres:extended', 'postgres:prepared', 'python']
      const sessions = new Sessions({ ...options, queryMode: 'prepared', sides }, targets, left, signal)
      const measurement = await sessions.measure()
      const { clients, sides: keys, pairs } = measurement.settings
      const result = {
        figures: clients.flatMap((count) => keys.flatMap((key) => figuresOf(measurement, key, count) ?? [])),
        gaps: gapsOf(measurement),
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
