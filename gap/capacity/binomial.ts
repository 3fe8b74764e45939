/** Exact limits of a share (Clopper & Pearson, Biometrika 1934): with few requests they are as wide as they must be, also where none is over. */
import { gammaln } from 'simple-statistics'

/**
 * The regularized incomplete beta function by its continued fraction (Numerical Recipes, 6.4). On the side where that converges soon no
 * denominator of it is 0.
 */
function beta(x: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - beta(1 - x, b, a)
  let c = 1
  let d = 1 / (1 - ((a + b) * x) / (a + 1))
  let fraction = d
  let m = 0
  do {
    m++
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / (1 + even * d)
    c = 1 + even / c
    fraction *= c * d
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / (1 + odd * d)
    c = 1 + odd / c
    fraction *= c * d
  } while (Math.abs(c * d - 1) > 1e-12)
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
  return [
    some <= 0 ? 0 : quantile(error, some, all - some + 1),
    some >= all ? 1 : quantile(1 - error, some + 1, all - some),
  ]
}
