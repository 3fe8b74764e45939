/** A run against an earlier one: a change is told only where the two intervals do not touch. */
import type { ClientCost } from './cost.ts'
import { isOpenModel, type Measurement } from './measurement.ts'
import { percentInWords } from './percent.ts'
import type { Ratio } from './ratio.ts'
import type { Gap } from './verdict.ts'

export type Change = 'regressed' | 'improved' | 'within noise'

export interface Comparison {
  /** The side that is compared with the last one. */
  key: string
  clients: number
  figure: 'tps' | 'p50' | 'p95' | 'p99'
  before: Ratio
  now: Ratio
  change: Change
}

const figures = ['tps', 'p50', 'p95', 'p99'] as const

function changeOf(before: Ratio, now: Ratio): Change {
  if (now.high < before.low) return 'regressed'
  return now.low > before.high ? 'improved' : 'within noise'
}

/**
 * Of what both runs measured; a gap that shrinks has regressed, whichever side moved.
 * @param isOpen whether the rate was given: then all serve what is due, and answers a second are no gap
 */
export function compareWithBaseline(before: Gap[], now: Gap[], isOpen = false): Comparison[] {
  const compared = figures.filter((figure) => !(isOpen && figure === 'tps'))
  return now.flatMap((gap) => {
    const earlier = before.find(({ key, clients }) => key === gap.key && clients === gap.clients)
    if (!earlier) return []
    return compared.map((figure) => ({
      key: gap.key,
      clients: gap.clients,
      figure,
      before: earlier[figure],
      now: gap[figure],
      change: changeOf(earlier[figure], gap[figure]),
    }))
  })
}

/** What of a run is known before it is measured, and says which gaps it will have. */
export interface Extent {
  /** As declared, the last one last. */
  sides: readonly string[]
  clients: readonly number[]
  load: Load
}

/** At which rate requests come, a second, or of which share of what the slower side serves; neither: as fast as each answers. */
export interface Load {
  rate?: number
  share?: number
}

/** @param run with what its rate was a share of, where it was given as one */
export const extentOf = ({
  measurement,
  offered,
}: {
  measurement: Measurement
  offered?: { share: number } | undefined
}): Extent => ({
  sides: measurement.workload.sides,
  clients: measurement.settings.clients,
  load: {
    ...(isOpenModel(measurement) && { rate: measurement.settings.rate }),
    ...(offered && { share: offered.share }),
  },
})

const isOpen = ({ rate, share }: Load) => (rate ?? share) !== undefined

const loadInWords = ({ rate, share }: Load) =>
  share === undefined
    ? `${rate} requests a second`
    : `${percentInWords(share)} of what the slower side serves`

/** Latency rises with the rate, for each side by its own queue: at another one the gap is another. */
const isAlike = (one: Load, other: Load) =>
  (one.share !== undefined && one.share === other.share) ||
  (one.rate !== undefined && one.rate === other.rate) ||
  !(isOpen(one) || isOpen(other))

/** Why no gap of an earlier run is one of this, in words; undefined where some are. */
export function whyNotComparable(before: Extent, now: Extent): string | undefined {
  if (isOpen(before.load) !== isOpen(now.load))
    return isOpen(before.load)
      ? 'it was measured at a given rate, and this is not'
      : 'this is measured at a given rate, and it was not'
  if (!isAlike(before.load, now.load))
    return `it was measured at ${loadInWords(before.load)}, and this is at ${loadInWords(now.load)}`
  const isShared = now.sides.slice(0, -1).some((side) => before.sides.slice(0, -1).includes(side))
  if (!isShared || before.sides.at(-1) !== now.sides.at(-1))
    return `its sides are ${before.sides.join(', ')}, here ${now.sides.join(', ')}, and gaps are those against the last one`
  return before.clients.some((count) => now.clients.includes(count))
    ? undefined
    : `its numbers of clients are ${before.clients.join(', ')}, here ${now.clients.join(', ')}`
}

/** A null operation that took another time than it did in the earlier run. */
export interface Moved extends Pick<ClientCost, 'key' | 'clients'> {
  beforeMs: number
  nowMs: number
}

/** Null operations that differ by more are of another machine, of one in another state, or of another client. */
const sameMachine = 1.2

/**
 * Where no target does anything, what is left is the machine: how fast it wakes a sleeping core, for one. On the same machine
 * a null operation of 0.026 ms went with a gap of 6.0 [5.9, 6.4] and one of 0.034 ms, half an hour later, with 5.4 [5.1, 5.7].
 */
export function movedMachine(before: ClientCost[], now: ClientCost[]): Moved[] {
  return now.flatMap(({ key, clients, nullMs }) => {
    const earlier = before.find((cost) => cost.key === key && cost.clients === clients)
    if (!earlier) return []
    const moved = nullMs / earlier.nullMs
    return moved > sameMachine || moved < 1 / sameMachine
      ? [{ key, clients, beforeMs: earlier.nullMs, nowMs: nullMs }]
      : []
  })
}
