/** A run against an earlier one: a change is told only where the two intervals do not touch. */
import type { Ratio } from './ratio.ts'
import type { Gap } from './verdict.ts'

export type Change = 'regressed' | 'improved' | 'within noise'

export interface Comparison {
  /** `postgres`, or another way of predicting. */
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
