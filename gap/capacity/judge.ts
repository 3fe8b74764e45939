/** What thresholds.json expects of capacities, against what was found. */
import { leastRateOf, leastRatioOf, type Thresholds } from '../bounds.ts'
import type { Ratio } from '../ratio.ts'
import type { Check, Outcome } from '../verdict.ts'
import { type Capacity, rateInWords } from './capacity.ts'

export interface CapacityCheck extends Check {
  /** Why it is undecided, where more than the width of an interval is the reason. */
  reason?: string
}

/** A side's capacity ÷ that of the last one, as it was found in the same sessions. */
export interface CapacityRatio {
  side: string
  ratio: Pick<Ratio, 'median' | 'low' | 'high'>
}

const isConfirmed = ({ confirmed, atLeast }: Capacity) => confirmed !== undefined || atLeast !== undefined

/** What JSON can hold of an interval without an upper end. */
const endless = Number.MAX_VALUE

function outcomeOf(low: number, high: number, bound: number): Outcome {
  return low >= bound ? 'pass' : high < bound ? 'fail' : 'undecided'
}

/** The rate that the side surely holds, and the one that it surely does not go beyond. */
function endsOf({ low, high, confirmed = Number.POSITIVE_INFINITY, atLeast }: Capacity): [number, number] {
  return atLeast ? [Math.min(atLeast.rate, confirmed), endless] : [Math.min(low, confirmed), high]
}

function ofRate(capacity: Capacity, threshold: string, bound: number): CapacityCheck {
  const [low, high] = endsOf(capacity)
  const outcome = isConfirmed(capacity) ? outcomeOf(low, high, bound) : 'undecided'
  const reason = !isConfirmed(capacity)
    ? 'fresh sessions confirmed no rate'
    : capacity.atLeast && outcome === 'undecided'
      ? `${rateInWords(low)} or more, ${capacity.atLeast.why}`
      : undefined
  return {
    threshold,
    measured: capacity.atLeast?.rate ?? capacity.capacity,
    interval: [low, high],
    relation: '≥',
    bound,
    unit: 'TPS',
    outcome,
    ...(reason !== undefined && { reason }),
  }
}

function ofRatio(
  { ratio }: CapacityRatio,
  [own, last]: readonly [Capacity, Capacity],
  threshold: string,
  bound: number,
): CapacityCheck {
  // What the one does at least makes the ratio one of at least; what the other does at least, of at most.
  const low = last.atLeast ? 0 : ratio.low
  const high = own.atLeast ? endless : ratio.high
  const unconfirmed = [own, last].filter((capacity) => !isConfirmed(capacity))
  const limited = [own, last].filter(({ atLeast }) => atLeast)
  const outcome = unconfirmed.length > 0 ? 'undecided' : outcomeOf(low, high, bound)
  const reason =
    unconfirmed.length > 0
      ? `of ${unconfirmed.map(({ side }) => side).join(' and ')} fresh sessions confirmed no rate`
      : outcome === 'undecided' && limited.length > 0
        ? limited.map(({ side, atLeast }) => `${side}: ${atLeast?.why}`).join('; ')
        : undefined
  return {
    threshold,
    measured: ratio.median,
    interval: [low, high],
    relation: '≥',
    bound,
    unit: 'times',
    outcome,
    ...(reason !== undefined && { reason }),
  }
}

/**
 * A rate holds when the side surely does it: its interval's lower end, or what it does at least, or, where that is lower, what
 * fresh sessions confirmed. It is crossed when the interval's upper end is below it. Else it is undecided, and so is every bound of
 * a capacity that no rate confirmed. Sides that were not measured are not judged.
 * @param declared sides of the workload, the last one last
 */
export function judgeCapacity(
  capacities: readonly Capacity[],
  ratios: readonly CapacityRatio[],
  thresholds: Thresholds,
  declared: readonly string[],
): CapacityCheck[] {
  const of = (side: string | undefined) => capacities.find((capacity) => capacity.side === side)
  const last = of(declared.at(-1))
  return [
    ...declared.flatMap((side) => {
      const [capacity, bound] = [of(side), leastRateOf(thresholds, side)]
      return capacity && bound ? [ofRate(capacity, ...bound)] : []
    }),
    ...ratios.flatMap((ratio) => {
      const [own, bound] = [of(ratio.side), leastRatioOf(thresholds, ratio.side, declared)]
      return own && last && bound ? [ofRatio(ratio, [own, last], ...bound)] : []
    }),
  ]
}
