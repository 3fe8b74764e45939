/** A target against itself: whatever gap is found there is the method's own error. */
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
