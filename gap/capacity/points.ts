/** What a measured schedule of rates says of each side's objective, round by round. */
import { mergedHistogram, percentilesOf } from '../figures.ts'
import type { Latencies, MeasuredBlock, Measurement } from '../measurement.ts'
import type { Objective, Point } from './evidence.ts'
import { withinOf } from './objective.ts'

const nanoseconds = 1e6 // in a millisecond

/**
 * How many requests took at most so many milliseconds; exact but for the histogram's buckets, which are 0.1 % wide.
 * A rank is searched for: that of the slowest request within the limit.
 */
export function countWithin(latencies: Latencies, limitMs: number): number {
  const { count } = latencies
  if (count === 0 || (latencies.minMs ?? 0) > limitMs) return 0
  if ((latencies.maxMs ?? 0) <= limitMs) return count
  const histogram = mergedHistogram([latencies])
  let [low, high] = [0, count]
  while (high - low > 1) {
    const rank = Math.floor((low + high) / 2)
    if (histogram.getValueAtPercentile((100 * rank) / count) / nanoseconds <= limitMs) low = rank
    else high = rank
  }
  return low
}

function pointOf(
  { key, session, pair, windowMs, ok, failed, late, open }: MeasuredBlock,
  objective: Objective,
): Point | undefined {
  if (!open) return undefined
  return {
    side: key,
    rate: open.rate,
    session,
    round: pair,
    seconds: windowMs / 1000,
    due: open.due,
    answered: ok.count,
    failed: failed.count,
    within: withinOf(objective, {
      countWithin: (limitMs) => countWithin(ok, limitMs),
      sumMs: ok.count * (ok.meanMs ?? 0),
      answered: ok.count,
      failed: failed.count,
    }),
    growth: open.growth,
    lateP99Ms: late ? percentilesOf([late], 99) : 0,
    dropped: open.dropped,
  }
}

/**
 * @param session its number in the search
 * @param objectiveOf by a side's key
 */
export const pointsOf = (
  { blocks }: Pick<Measurement, 'blocks'>,
  session: number,
  objectiveOf: (side: string) => Objective,
): Point[] =>
  blocks.flatMap((block) => {
    const point =
      block.phase === 'measure' ? pointOf({ ...block, session }, objectiveOf(block.key)) : undefined
    return point ?? []
  })
