/** A run against an earlier one: a change is told only where the two intervals do not touch. */
import type { ClientCost } from './cost.ts'
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

/** Of what both runs measured; a gap that shrinks has regressed, whichever side moved. */
export function compareWithBaseline(before: Gap[], now: Gap[]): Comparison[] {
  return now.flatMap((gap) => {
    const earlier = before.find(({ key, clients }) => key === gap.key && clients === gap.clients)
    if (!earlier) return []
    return figures.map((figure) => ({
      key: gap.key,
      clients: gap.clients,
      figure,
      before: earlier[figure],
      now: gap[figure],
      change: changeOf(earlier[figure], gap[figure]),
    }))
  })
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
