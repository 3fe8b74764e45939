/** When a warm-up is over: the rate has stopped to rise or fall, as far as its own noise lets anyone tell. */

/** Rates on each side of the comparison below. */
const half = 4
/** A difference smaller than this does not matter, however surely it is there. */
const negligible = 0.05

const mean = (values: number[]) => values.reduce((sum, each) => sum + each, 0) / values.length

/**
 * Compares the last rates with those before them: steady when their means differ by less than 5 %, or by less than two
 * standard errors of the difference.
 * @param rates one a round, oldest first
 */
export function isSteady(rates: number[]): boolean {
  if (rates.length < 2 * half) return false
  const late = rates.slice(-half)
  const early = rates.slice(-2 * half, -half)
  const [after, before] = [mean(late), mean(early)]
  if (before === 0 || after === 0) return before === after
  const difference = Math.abs(after - before)
  const variance = (values: number[], middle: number) =>
    values.reduce((sum, each) => sum + (each - middle) ** 2, 0) / (half - 1)
  const error = Math.sqrt((variance(late, after) + variance(early, before)) / half)
  return difference < negligible * before || difference < 2 * error
}
