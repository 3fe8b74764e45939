/**
 * A straight line of what is used by the rate, near where it crosses the limit. Shares are on the scale of their logarithmic odds and
 * means on that of their logarithm, so that 0 is the limit: the tail of a queue's latency falls exponentially, and the logarithm of
 * what lies beyond a limit is a line in the rate (for M/M/1 it is -(μ - λ)t). Rounds differ by more than chance, as requests over a limit
 * come in clusters, so their variance is that of a quasi-likelihood: `clusters` times the binomial one, and `spread` of the square
 * besides, lest rounds with much over the limit outweigh all others (McCullagh & Nelder, "Generalized linear models", 1989, chapter 9).
 */

export interface Line {
  /** On the scale described above, where z is 0. */
  level: number
  slope: number
}

/** One round of a side. */
export interface Sample {
  /** How far its rate lies from the middle, as a share of it. */
  z: number
  used: number
  allowed: number
}

const clusters = 3
const spread = 0.2
const leastSlope = 0.7
const mostSlope = 400
/** Beyond this a share is 0 or 1 in all but name. */
const edge = 9

const within = (value: number, most: number, least = -most) => Math.max(least, Math.min(most, value))

/** Where so much was used, the limit being at 0. @param share of the requests that is allowed; 0 for a mean */
export function scaled(used: number, allowed: number, share: number): number {
  if (share === 0) return Math.log(used / allowed)
  const requests = allowed / share
  return Math.log(used / Math.max(requests - used, 0)) - Math.log(share / (1 - share))
}

/**
 * By iteratively reweighted least squares.
 *
 * @param weights how often each sample counts
 * @param start from where, and what the slope is taken for where the samples do not tell
 * @param known how well the slope of the start is known: its standard deviation as a share of it
 */
export function lineOf(
  samples: readonly Sample[],
  weights: ArrayLike<number>,
  share: number,
  start: Line,
  known?: number,
): Line {
  let { level, slope } = start
  const odds = share / (1 - share)
  const flattest = Math.max(leastSlope, start.slope / 3)
  const steepest = Math.min(mostSlope, start.slope * 3)
  for (let iteration = 0; iteration < 30; iteration++) {
    // Steps that swing to and fro come to rest.
    const damping = iteration < 8 ? 1 : 0.5
    let [total, z1, z2, y0, y1] = [0, 0, 1e-9, 0, 0]
    for (let index = 0; index < samples.length; index++) {
      const count = weights[index] as number
      if (count === 0) continue
      const { z, used, allowed } = samples[index] as Sample
      const height = within(level + slope * z, edge)
      let weight: number
      let residual: number
      if (share === 0) {
        weight = count
        residual = used / (allowed * Math.exp(height)) - 1
      } else {
        const requests = allowed / share
        const chance = 1 / (1 + Math.exp(-height) / odds)
        const variance = requests * chance * (1 - chance)
        weight = (count * variance) / (clusters + spread * variance)
        residual = (used - requests * chance) / variance
      }
      total += weight
      z1 += weight * z
      z2 += weight * z * z
      y0 += weight * residual
      y1 += weight * residual * z
    }
    const pull = known === undefined ? 1e-6 * total : (known * start.slope) ** -2
    const determinant = total * (z2 + pull) - z1 * z1
    if (!(determinant > 0)) return { level, slope }
    const pulled = y1 + pull * (start.slope - slope)
    const rise = (total * pulled - z1 * y0) / determinant
    const steeper = within(slope + damping * within(rise, slope), steepest, flattest)
    // Where the slope ends at a bound, the level is what is left to choose.
    const step = damping * within((y0 - z1 * (steeper - slope)) / total, 1)
    level = within(level + step, 2 * edge)
    const isStill = Math.abs(step) < 1e-5 && Math.abs(steeper - slope) < 1e-4 * slope
    slope = steeper
    if (isStill) break
  }
  return { level, slope }
}
