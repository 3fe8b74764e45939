/** Which of the measured rates a side surely holds, and which surely not: what a bisection can say of an interval. */
import type { Objective, Point } from './evidence.ts'
import { verdictAt } from './verdict.ts'

/**
 * Of the rates up to the one that seems to hold the highest that is proven to, and of those from the one that seems crossed the lowest that
 * is. What is used rises with the rate, so that at a rate no more is used than at it and at higher ones together, and no less than at it
 * and at lower ones: rounds at neighbouring rates prove what those of one alone do not. Where nothing is proven the lowest and the highest
 * rate that were measured are all that is known.
 * @param points of one side
 * @param bracket the rates between which the capacity seems to lie
 */
export function provenEnds(
  points: readonly Point[],
  objective: Objective,
  [holds, crossed]: readonly [holds: number, crossed: number],
  seed: number,
): [low: number, high: number] {
  const rates = [...new Set(points.map(({ rate }) => rate))].sort((a, b) => a - b)
  const isProven = (from: number, to: number, wanted: 'holds' | 'crossed') => {
    const pool = points.filter(({ rate }) => rate >= from && rate <= to)
    return verdictAt(pool, objective, seed).verdict === wanted
  }
  return [
    rates.findLast((rate) => rate <= holds && isProven(rate, holds, 'holds')) ?? (rates[0] as number),
    rates.find((rate) => rate >= crossed && isProven(crossed, rate, 'crossed')) ?? (rates.at(-1) as number),
  ]
}
