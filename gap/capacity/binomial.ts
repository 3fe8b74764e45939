/** Exact limits of a share (Clopper & Pearson, Biometrika 1934): with few requests they are as wide as they must be, also where none is over. */
import { gammaln } from 'simple-statistics'

/** The regularized incomplete beta function by its continued fraction (Numerical Recipes, 6.4). */
function beta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - beta(1 - x, b, a)
  const tiny = 1e-300
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    fraction *= c * d
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    fraction *= c * d
    if (Math.abs(c * d - 1) < 1e-12) break
  }
  const front = gammaln(a + b) - gammaln(a) - gammaln(b) + a * Math.log(x) + b * Math.log1p(-x)
  return (Math.exp(front) * fraction) / a
}

function quantile(probability: number, a: number, b: number): number {
  let [low, high] = [0, 1]
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2
    if (beta(middle, a, b) < probability) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/**
 * The smallest and the largest share that so many of `all` do not contradict.
 *
 * @param error how often each end may miss the truth
 */
export function shareLimits(some: number, all: number, error = 0.025): [low: number, high: number] {
  if (all <= 0) return [0, 1]
  return [
    some <= 0 ? 0 : quantile(error, some, all - some + 1),
    some >= all ? 1 : quantile(1 - error, some + 1, all - some),
  ]
}
