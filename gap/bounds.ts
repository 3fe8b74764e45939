/** What thresholds.json says, for whoever asks; without zod, since k6 asks, too. */

export const latencyFigures = ['mean', 'p50', 'p95', 'p99', 'max'] as const
export type LatencyFigure = (typeof latencyFigures)[number]

/** What is expected of one side. */
export interface SideBounds {
  /** Number of clients at which latency and rate are bounded; absent: 1, where latency is service time and no queue. */
  clients?: number | undefined
  /** Most milliseconds. */
  maxLatencyMs?: { readonly [figure in LatencyFigure]?: number | undefined } | undefined
  /** Fewest right answers a second. */
  minTps?: number | undefined
  /** Most failures, as a share of all requests, at every number of clients. */
  maxFailureRate?: number | undefined
}

export const ratioFigures = ['p50', 'p95', 'p99'] as const
export type RatioFigure = (typeof ratioFigures)[number]

/** What is expected of a side against the last one: above 1 the former wins. */
export interface GapBounds {
  /** Least latency of the last side ÷ that of the other, at every number of clients. */
  minLatencyRatio?: { readonly [figure in RatioFigure]?: number | undefined } | undefined
  /** Least TPS of the side ÷ that of the last one, at every number of clients. */
  minTpsRatio?: number | undefined
  /** Least memory of the last side's training ÷ that of the other's. */
  minTrainingMemoryRatio?: number | undefined
  /** The same, of the last side's training in as little memory as is possible there. */
  minLeanTrainingMemoryRatio?: number | undefined
}

/** What is expected of the highest arrival rate at which a side holds its objective. */
export interface RateBounds {
  /** Fewest requests a second. */
  minRate?: number | undefined
}

/** By the name of a side; and of a side's capacity ÷ that of the last one, the least, or the least by pairs, as "a/c". */
export interface CapacityBounds {
  minRatio?: number | Readonly<Record<string, number>> | undefined
  [side: string]: unknown
}

/** As the file has it: a side's bounds, or several for several numbers of clients, by its name; the gap, or gaps by pair, as "a/c". */
export interface Thresholds {
  $schema?: string | undefined
  gap?: GapBounds | Readonly<Record<string, GapBounds>> | undefined
  /** For a search for capacities alone: a comparison measures none. */
  capacity?: CapacityBounds | undefined
  [side: string]: unknown
}

/** All bounds of a side. */
export function boundsOf(thresholds: Thresholds, side: string): SideBounds[] {
  const given = Object.hasOwn(thresholds, side) ? thresholds[side] : undefined
  return given === undefined ? [] : Array.isArray(given) ? given : [given as SideBounds]
}

/** Those of its bounds that hold for a number of clients. */
export const boundsAt = (thresholds: Thresholds, side: string, clients: number): SideBounds | undefined =>
  boundsOf(thresholds, side).find((bounds) => (bounds.clients ?? 1) === clients)

/** Most failures: of all its bounds the least. */
export function failureBoundOf(thresholds: Thresholds, side: string): number | undefined {
  const given = boundsOf(thresholds, side).flatMap(({ maxFailureRate }) => maxFailureRate ?? [])
  return given.length > 0 ? Math.min(...given) : undefined
}

export const pairName = (side: string, last: string) => `${side}/${last}`

export const isByPair = (gap: object): gap is Readonly<Record<string, GapBounds>> =>
  Object.keys(gap).some((name) => name.includes('/'))

/** What a gap's bounds are called in messages: its path in thresholds.json. */
export const gapPath = (gap: object, side: string, last: string) =>
  isByPair(gap) ? `gap.${pairName(side, last)}` : 'gap'

/**
 * Bounds of a side against the last one.
 * @param sides of the workload, as declared: a gap without a pair's name is that of the only pair there is
 */
export function gapBoundsOf(
  { gap }: Thresholds,
  side: string,
  sides: readonly string[],
): GapBounds | undefined {
  const last = sides.at(-1) ?? ''
  if (gap === undefined) return undefined
  if (isByPair(gap)) return gap[pairName(side, last)]
  return sides.length === 2 && side === sides[0] ? (gap as GapBounds) : undefined
}

/** Least capacity of a side: its path in thresholds.json, and requests a second. */
export function leastRateOf(
  { capacity = {} }: Thresholds,
  side: string,
): [path: string, least: number] | undefined {
  const least = Object.hasOwn(capacity, side) ? (capacity[side] as RateBounds).minRate : undefined
  return least === undefined ? undefined : [`capacity.${side}.minRate`, least]
}

/**
 * Least capacity of a side ÷ that of the last one: its path in thresholds.json, and the ratio.
 * @param sides of the workload, as declared: a ratio without a pair's name is that of the only pair there is
 */
export function leastRatioOf(
  { capacity: { minRatio } = {} }: Thresholds,
  side: string,
  sides: readonly string[],
): [path: string, least: number] | undefined {
  const pair = pairName(side, sides.at(-1) ?? '')
  if (typeof minRatio === 'object') {
    const least = minRatio[pair]
    return least === undefined ? undefined : [`capacity.minRatio.${pair}`, least]
  }
  return minRatio !== undefined && sides.length === 2 && side === sides[0]
    ? ['capacity.minRatio', minRatio]
    : undefined
}
