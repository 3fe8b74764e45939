/** Takes down what a virtual user does between the requests that count. None of it is on their way. */
import clock from 'k6/x/clock'
import recorder from 'k6/x/recorder'
import rendezvous, { type Meeting } from 'k6/x/rendezvous'
import type { Stage } from '../../gap/measurement.ts'
import { stageName } from './blocks.ts'
import type { Failed } from './failure.ts'
import { ownUsers } from './part.ts'
import { everybody, type SpentPhase } from './spent.ts'

/**
 * @param key of the side, or {@link everybody}
 * @param since when it began, in milliseconds of the clock
 * @returns when it ended: now
 */
export function spend(
  key: string,
  phase: SpentPhase,
  clients: number,
  stage: Stage,
  since: number,
  failed?: Failed,
): number {
  const now = clock.now()
  const series = recorder.series({ side: key, block: stageName(phase, clients, stage) })
  if (failed) series.recordDuration(now - since, false, undefined, failed.kind, failed.message)
  else series.recordDuration(now - since, true)
  return now
}

/** A meeting that is no single side's. */
export function meetAll(phase: SpentPhase, name: string, clients: number, values?: number[]): Meeting {
  const since = clock.now()
  const meeting = rendezvous.meet(name, ownUsers(clients), values)
  spend(everybody, phase, clients, 'waiting', since)
  return meeting
}
