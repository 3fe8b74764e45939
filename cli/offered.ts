/** What `compare --rate` offers: so many requests a second, or a share of what the slower target can do, which is measured first. */
import { CouldNotMeasure } from '../build/failure.ts'
import { causesOf, mostLikely } from '../gap/failures.ts'
import { figuresOf } from '../gap/figures.ts'
import type { Folder } from '../report/results.ts'
import type { Offered } from '../report/run.ts'
import { type SessionSettings, Sessions } from './sessions.ts'
import type { Targets } from './targets.ts'

/** Requests a second, or a share of the slower target's, above 0. */
export type Rate = number | { share: number }

/**
 * A closed model of as many clients as the open one may have: one pair, for its figure only sets how busy the targets will be.
 * @throws {CouldNotMeasure} where a target fails requests
 */
export async function offeredOf(
  share: number,
  settings: Omit<SessionSettings, 'rate'>,
  targets: Targets,
  left: Folder,
  signal: AbortSignal,
): Promise<Offered> {
  const sessions = new Sessions(
    { ...settings, beside: [], pairs: 1, sessions: 1, name: 'capacity, ' },
    targets,
    left.below('capacity'),
    signal,
  )
  const measurement = await sessions.measure()
  const [clients = 1] = settings.clients
  const all = measurement.settings.sides.flatMap((key) => figuresOf(measurement, key, clients) ?? [])
  for (const { key, failures, requests } of all)
    if (failures > 0) {
      const { cause, next } = mostLikely(causesOf(measurement, (failure) => failure.key === key))
      throw new CouldNotMeasure(
        `${key} failed ${failures} of ${requests} requests of ${clients} clients, so that its capacity is not known${cause ? `; ${cause}` : ''}`,
        [...(next ? [next] : []), 'Give the rate as a number: --rate 200, or fewer --clients'].join('\n  → '),
      )
    }
  const slowest = all.reduce((a, b) => (b.tps < a.tps ? b : a))
  return { share, of: slowest.key, capacity: slowest.tps, clients }
}

/** Whole requests a second. */
export const rateOf = ({ share, capacity }: Offered): number => Math.max(1, Math.round(share * capacity))
