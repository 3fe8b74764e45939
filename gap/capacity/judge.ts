/** What thresholds.json expects of capacities, against what was found. */
import { leastRateOf, leastRatioOf, type Thresholds } from '../bounds.ts'
import type { Ratio } from '../ratio.ts'
import type { Check, Outcome } from '../verdict.ts'
import { type Capacity, endless, endsOf, isKnown, type NoCapacity, rateInWords } from './capacity.ts'

export interface CapacityCheck extends Check {
  /** Why it is undecided, where more than the width of an interval is the reason. */
  reason?: string
}

/** A side's capacity ÷ that of the last one, as it was found in the same sessions. */
export interface CapacityRatio {
  side: string
  ratio: Pick<Ratio, 'median' | 'low' | 'high'>
}

function outcomeOf(low: number, high: number, bound: number): Outcome {
  return low >= bound ? 'pass' : high < bound ? 'fail' : 'undecided'
}

/** A threshold's path and its bound. */
type Bound = readonly [threshold: string, bound: number]

/** Of what is not known there is no figure. */
const unknown = ([threshold, bound]: Bound, unit: Check['unit'], reason: string): CapacityCheck => ({
  ...{ threshold, measured: Number.NaN, relation: '≥', bound, unit, outcome: 'undecided', reason },
})

function ofRate(found: Capacity | NoCapacity, given: Bound): CapacityCheck {
  if (!isKnown(found)) return unknown(given, 'TPS', found.why)
  const [threshold, bound] = given
  const { capacity, atLeast } = found
  const [low, high] = endsOf(found)
  const outcome = outcomeOf(low, high, bound)
  return {
    threshold,
    measured: atLeast?.rate ?? capacity,
    interval: [low, high],
    relation: '≥',
    bound,
    unit: 'TPS',
    outcome,
    ...(atLeast && outcome === 'undecided' && { reason: `${rateInWords(low)} or more, ${atLeast.why}` }),
  }
}

/** What a side surely holds ÷ its interval's lower end: below 1 where fresh sessions confirmed only a lower rate than that. */
const heldOf = (found: Capacity) => Math.min(1, endsOf(found)[0] / found.low)

function ofRatio(
  ratio: CapacityRatio['ratio'] | undefined,
  sides: readonly (Capacity | NoCapacity)[],
  given: Bound,
): CapacityCheck {
  const without = sides.flatMap((found) => (isKnown(found) ? [] : `${found.side}: ${found.why}`))
  if (without.length > 0) return unknown(given, 'times', without.join('; '))
  const [own, last] = sides as [Capacity, Capacity]
  const limited = [own, last].flatMap(({ side, atLeast }) => (atLeast ? `${side}: ${atLeast.why}` : []))
  const reason = limited.join('; ')
  if (!ratio) return unknown(given, 'times', reason || 'no ratio of the two was found')
  const [threshold, bound] = given
  // What the one does at least makes the ratio one of at least; what the other does at least, of at most.
  const low = last.atLeast ? 0 : ratio.low * heldOf(own)
  const high = own.atLeast ? endless : ratio.high / heldOf(last)
  const outcome = outcomeOf(low, high, bound)
  return {
    threshold,
    measured: ratio.median,
    interval: [low, high],
    relation: '≥',
    bound,
    unit: 'times',
    outcome,
    ...(outcome === 'undecided' && reason && { reason }),
  }
}

/**
 * A rate holds when the side surely does it: its interval's lower end, or what it does at least, or, where that is lower, what
 * fresh sessions confirmed. It is crossed when the interval's upper end is below it. Else it is undecided, and so is every bound of
 * a side of which no capacity is known. Sides that were not measured are not judged.
 * @param found of each side that was measured
 * @param declared sides of the workload, the last one last
 */
export function judgeCapacity(
  found: readonly (Capacity | NoCapacity)[],
  ratios: readonly CapacityRatio[],
  thresholds: Thresholds,
  declared: readonly string[],
): CapacityCheck[] {
  const of = (side: string | undefined) => found.find((each) => each.side === side)
  const last = of(declared.at(-1))
  return [
    ...declared.flatMap((side) => {
      const [own, bound] = [of(side), leastRateOf(thresholds, side)]
      return own && bound ? [ofRate(own, bound)] : []
    }),
    ...declared.flatMap((side) => {
      const [own, bound] = [of(side), leastRatioOf(thresholds, side, declared)]
      const ratio = ratios.find((each) => each.side === side)?.ratio
      return own && last && bound ? [ofRatio(ratio, [own, last], bound)] : []
    }),
  ]
}
