/**
 * A gap with its uncertainty: the median of the pairs' ratios and a 95 % interval by bootstrap over the pairs.
 *
 * The unit is the pair of blocks, never the request: requests within a block share their machine's weather
 * (Kalibera & Jones, "Rigorous benchmarking in reasonable time", ISMM 2013; Hoefler & Belli, SC'15). Ratios are
 * resampled as logarithms, so that A÷B and B÷A say the same.
 */
import { mean, median, quantileSorted } from 'simple-statistics'

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

const resamples = 10_000

/**
 * @param ratios one a pair, each above 0
 * @throws {RangeError} where there is no pair
 */
export function ratioOf(ratios: number[], seed = 1): Ratio {
  if (ratios.length === 0) throw new RangeError('no pair of blocks, so no ratio')
  const logs = ratios.map(Math.log)
  const next = random(seed)
  // The mean of logarithms is smoother under resampling than the median, and as unbiased for a handful of pairs.
  const means = Array.from({ length: resamples }, () =>
    mean(logs.map(() => logs[Math.floor(next() * logs.length)] as number)),
  ).sort((a, b) => a - b)
  return {
    median: Math.exp(median(logs)),
    low: Math.exp(quantileSorted(means, 0.025)),
    high: Math.exp(quantileSorted(means, 0.975)),
    pairs: ratios.length,
  }
}
