/**
 * What the client itself adds to each latency makes a capacity look lower than it is. How much that is tells a null server, to which the
 * same client sends at the same rates. It cannot be taken off request by request, so that it is an interval's upper end that it moves: as
 * far as if each limit were longer by it.
 */
import { percentilesOf } from '../figures.ts'
import type { MeasuredBlock, Measurement } from '../measurement.ts'
import type { Objective, Term } from './evidence.ts'
import { type Capacity, capacityOf } from './fit.ts'
import { pointsOf } from './points.ts'

/** Limits of latency longer by how late the client was, at the same percentile, or in the mean. @param nulls blocks of a null server */
export function withLateness(objective: Objective, nulls: readonly Pick<MeasuredBlock, 'late'>[]): Objective {
  const lates = nulls.flatMap(({ late }) => (late && late.count > 0 ? [late] : []))
  if (lates.length === 0) return objective
  const count = lates.reduce((sum, late) => sum + late.count, 0)
  const meanMs = lates.reduce((sum, late) => sum + late.count * (late.meanMs ?? 0), 0) / count
  const later = (term: Term): Term => {
    if (term.figure === 'failures') return term
    const ms = term.figure === 'mean' ? meanMs : percentilesOf(lates, 100 * term.share)
    return { ...term, limitMs: term.limitMs + ms }
  }
  return { ...objective, terms: objective.terms.map(later) }
}

/**
 * A capacity whose upper end holds what the side would do for a client that is never late.
 * @param measurements of all sessions
 * @param nullKey of the side's null server
 */
export function withoutClient<Found extends Pick<Capacity, 'high'>>(
  found: Found,
  measurements: readonly Pick<Measurement, 'blocks'>[],
  { side, nullKey, objective, seed }: { side: string; nullKey: string; objective: Objective; seed: number },
): Found {
  const blocksOf = ({ blocks }: (typeof measurements)[number], of: string) =>
    blocks.filter(({ key }) => key === of)
  const longer = withLateness(
    objective,
    measurements.flatMap((measurement) => blocksOf(measurement, nullKey)),
  )
  const points = measurements.flatMap((measurement, at) =>
    pointsOf({ blocks: blocksOf(measurement, side) }, at, () => longer),
  )
  // Where no rate would be crossed it reaches at least as far as was measured.
  const { high } = capacityOf(points, side, longer, seed) ?? {
    high: Math.max(...points.map(({ rate }) => rate)),
  }
  return { ...found, high: Math.max(found.high, high) }
}
