/**
 * Coordinated omission: what a closed model would not have seen. Its client waits while the target stalls, asks nothing in
 * that time, and so meets each stall once, however many would have come meanwhile (Gil Tene, "How NOT to Measure Latency").
 */
import { percentilesOf } from './figures.ts'
import type { Measurement } from './measurement.ts'

export interface HiddenStall {
  key: string
  /** 99th percentile of all arrivals, milliseconds from when each was due. */
  p99Ms: number
  /** The same of those that found no other on its way, as one client of a closed model does. */
  closedP99Ms: number
}

/** From here on a difference is told: percentiles of a few hundred requests differ by less of themselves. */
const noticeable = 2

/** The sides on which it made a difference; none in the closed model, where it cannot be known. */
export function hiddenStalls({ blocks, settings: { sides } }: Measurement): HiddenStall[] {
  return sides.flatMap((key) => {
    const own = blocks.filter((block) => block.key === key && block.phase === 'measure')
    const alone = own.flatMap((block) => block.alone ?? [])
    if (alone.length === 0) return []
    const [p99Ms, closedP99Ms] = [
      percentilesOf(
        own.map(({ ok }) => ok),
        99,
      ),
      percentilesOf(alone, 99),
    ]
    return p99Ms > noticeable * closedP99Ms ? [{ key, p99Ms, closedP99Ms }] : []
  })
}
