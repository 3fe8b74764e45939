/** A target against itself: whatever gap is found there is the method's own error. */
import { median } from 'simple-statistics'
import type { Ratio } from './ratio.ts'
import type { Gap } from './verdict.ts'

export interface AARow {
  clients: number
  figure: 'TPS' | 'p50' | 'p95' | 'p99'
  ratio: Ratio
  /** Whether the interval holds 1.00. */
  holds: boolean
  /** Half the interval's width ÷ 1.00. */
  halfWidth: number
}

export function aaRows(gaps: Gap[]): AARow[] {
  return gaps.flatMap(({ clients, tps, p50, p95, p99 }) =>
    Object.entries({ TPS: tps, p50, p95, p99 }).map(([figure, ratio]) => ({
      clients,
      figure: figure as AARow['figure'],
      ratio,
      holds: ratio.low <= 1 && 1 <= ratio.high,
      halfWidth: (ratio.high - ratio.low) / 2,
    })),
  )
}

/** One figure at one number of clients over several runs. */
export interface AASeries {
  clients: number
  figure: AARow['figure']
  runs: Ratio[]
  /** Runs whose interval holds 1.00. */
  held: number
  /** Whether these are as many as a 95 % interval must hold: 19 of 20. */
  enough: boolean
  /** Median over the runs. */
  halfWidth: number
}

/** @param runs the rows of each run, all of the same figures and numbers of clients */
export function aaSeries(runs: AARow[][]): AASeries[] {
  return (runs[0] ?? []).map(({ clients, figure }) => {
    const own = runs.flatMap((rows) => rows.filter((row) => row.clients === clients && row.figure === figure))
    const held = own.filter(({ holds }) => holds).length
    return {
      clients,
      figure,
      runs: own.map(({ ratio }) => ratio),
      held,
      enough: held >= Math.ceil(own.length * 0.95),
      halfWidth: median(own.map(({ halfWidth }) => halfWidth)),
    }
  })
}
