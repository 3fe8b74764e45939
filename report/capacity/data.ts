/** The figures behind the charts of a search. */
import type { Capacity, NoCapacity } from '../../gap/capacity/capacity.ts'
import { isotonic } from '../../gap/capacity/isotonic.ts'
import { parseObjective } from '../../gap/capacity/objective.ts'
import { isPlanned, planOf } from '../../gap/capacity/plan.ts'
import type { CapacityRun, CapacitySide, RateRow } from './run.ts'
import { insteadOf, isDoubtful, reportedOf } from './words.ts'

type Figure = keyof RateRow['latencyMs']

/** The latency that a chart shows: the first that the objective limits and that is known at each rate, else p99 without a limit. */
export function limitedOf({ objective, rates }: CapacitySide): { figure: Figure; limitMs?: number } {
  const known = Object.keys(rates[0]?.latencyMs ?? {})
  for (const term of parseObjective(objective).terms) {
    if (term.figure === 'failures') continue
    const figure = term.figure === 'mean' ? 'mean' : `p${Number((term.share * 100).toPrecision(6))}`
    if (known.includes(figure)) return { figure: figure as Figure, limitMs: term.limitMs }
  }
  return { figure: 'p99' }
}

export interface LatencyRow {
  rate: number
  verdict: RateRow['verdict']
  ms: number
  /** Milliseconds that never fall as the rate rises: the nearest to all rates, each by what was due at it. */
  fitted: number
}

/** By rate; without those at which nothing was answered. */
export function latencyRows({ rates }: CapacitySide, figure: Figure): LatencyRow[] {
  const rows = rates
    .map(({ rate, verdict, due, latencyMs }) => ({ rate, verdict, due, ms: latencyMs[figure] }))
    .filter(({ ms }) => Number.isFinite(ms) && ms > 0)
    .sort((a, b) => a.rate - b.rate)
  // Near the limit a queue's latency grows by factors.
  const fitted = isotonic(
    rows.map(({ ms }) => Math.log(ms)),
    rows.map(({ due }) => due),
  )
  return rows.map(({ rate, verdict, ms }, index) => ({
    ...{ rate, verdict, ms },
    fitted: Math.exp(fitted[index] as number),
  }))
}

/** What may be told of each side, as thresholds and plans take it: one that no rate confirmed is no capacity. */
export const capacitiesOf = ({ sides }: Pick<CapacityRun, 'sides'>) =>
  sides.map((side): Capacity | NoCapacity => {
    const { side: key, atLeast, confirmed } = side
    const found =
      atLeast && !isDoubtful(side)
        ? { capacity: atLeast.rate, low: atLeast.rate, high: atLeast.rate }
        : reportedOf(side)
    if (!found) return { side: key, why: insteadOf(side) ?? '' }
    const { capacity, low, high } = found
    return {
      side: key,
      ...{ capacity, low, high },
      ...(confirmed && { confirmed }),
      ...(atLeast && { atLeast }),
    }
  })

export interface CostRow {
  key: string
  demand: number
  hour: number
  low: number
  high: number
  /** No number of hosts is enough at the interval's lower end: there the cost has no end, and `high` is only where drawing stops. */
  isEndless: boolean
}

/** By side and demand, up to twice what was asked for; empty where nothing is known of prices. */
export function costs(run: CapacityRun): CostRow[] {
  const { plan } = run
  if (!plan?.fleet) return []
  const { demand, headroom, spare, fleet } = plan
  const demands = Array.from({ length: 80 }, (_, index) => (demand * 2 * (index + 1)) / 80)
  const capacities = capacitiesOf(run)
  return demands.flatMap((each) =>
    planOf(capacities, { demand: each, headroom, spare, fleet: fleet as never }).sides.flatMap((side) => {
      if (!isPlanned(side) || !side.cost) return []
      const { hour } = side.cost
      const { low, high } = side.costRange as NonNullable<typeof side.costRange>
      const ends = { low: low.hour, high: high?.hour ?? hour, isEndless: high === null }
      return [{ key: side.side, demand: each, hour, ...ends }]
    }),
  )
}

export interface CurveRow {
  key: string
  clients: number
  value: number
  low: number
  high: number
}

/**
 * The fitted law of each side that has one, to twice the most clients that were measured and no further. An interval without an upper
 * end ends with what is in view.
 */
export function curves({ scaling = [], sides }: CapacityRun): CurveRow[] {
  const top = 2 * Math.max(...sides.flatMap(({ closed }) => closed.map(({ tps }) => tps)))
  return scaling.flatMap(({ side, law }) => {
    if ('impossible' in law) return []
    const last = 2 * Math.max(...law.levels.map(({ clients }) => clients))
    return law.curve
      .filter(({ clients }) => clients <= last)
      .map((row) => ({
        key: side,
        ...row,
        low: Math.min(row.value, Math.max(row.low, 0)),
        high: Math.max(row.value, Math.min(row.high, top)),
      }))
  })
}
