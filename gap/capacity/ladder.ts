/**
 * What rates that were fixed beforehand tell of a side's objective: in the place of a search, where several k6 share the load and nobody
 * tells all of them what is asked next.
 */
import type { Measurement } from '../measurement.ts'
import type { Objective, Point } from './evidence.ts'
import { grouped, sumOf, usesOf } from './excess.ts'
import { bracketOf, type Capacity, capacityOf } from './fit.ts'
import { pointsOf } from './points.ts'
import { growthOf } from './steadiness.ts'
import { clientLimit } from './verdict.ts'

/** One rate of a side, in all rounds that had it. */
export interface Rung {
  rate: number
  rounds: number
  due: number
  /** Of what the objective allows, the term that is used most; above 1 it is crossed. */
  used: number
  /** A backlog grew. */
  isGrowing: boolean
  /** Milliseconds by which the client sent late, p99, in the worst round. */
  lateP99Ms: number
}

export interface Ladder {
  side: string
  objective: string
  /** From the lowest rate to the highest. */
  rungs: Rung[]
  /** The highest rate below which none is crossed, and the lowest that is; absent where there is none. */
  holds?: number
  crossed?: number
  /** Absent where one of these is, and where the client ended first. */
  capacity?: Capacity
  /** Why the client, and not the side, was what ended first at the lowest rate that is crossed. */
  clientLimit?: string
}

/** Of all sessions; rounds of each are numbered for themselves. */
const allPoints = ({ blocks }: Measurement, objectiveOf: (side: string) => Objective): Point[] =>
  [...new Set(blocks.map(({ session }) => session))].flatMap((session) =>
    pointsOf({ blocks: blocks.filter((block) => block.session === session) }, session, objectiveOf),
  )

function rungOf(rate: number, points: readonly Point[], objective: Objective): Rung {
  const uses = objective.terms.map((_, term) =>
    sumOf(points.map((point) => usesOf(point, objective)[term] as never)),
  )
  return {
    rate,
    rounds: points.length,
    due: points.reduce((sum, { due }) => sum + due, 0),
    used: Math.max(...uses.map(({ used, allowed }) => used / allowed)),
    isGrowing: growthOf(points).isGrowing,
    lateP99Ms: Math.max(...points.map(({ lateP99Ms }) => lateP99Ms)),
  }
}

/** @param objectives by the keys of sides @returns of each of these that was asked at rates of its own */
export function laddersOf(measurement: Measurement, objectives: ReadonlyMap<string, Objective>): Ladder[] {
  const of = (side: string) => objectives.get(side)
  const known = measurement.blocks.filter(({ key }) => objectives.has(key))
  const points = allPoints({ ...measurement, blocks: known }, (side) => of(side) as Objective)
  return [...objectives].flatMap(([side, objective]) => {
    const own = points.filter((point) => point.side === side)
    if (own.length === 0) return []
    const { holds, crossed } = bracketOf(own, objective)
    const atCrossed = own.filter(({ rate }) => rate === crossed)
    const limit = atCrossed.length > 0 ? clientLimit(atCrossed, [], objective) : undefined
    const capacity = limit ? undefined : capacityOf(points, side, objective, measurement.settings.seed)
    return [
      {
        ...{ side, objective: objective.text },
        rungs: grouped(own, ({ rate }) => rate).map(([rate, at]) => rungOf(rate, at, objective)),
        ...(holds !== undefined && { holds }),
        ...(crossed !== undefined && { crossed }),
        ...(limit !== undefined && { clientLimit: limit }),
        ...(capacity && { capacity }),
      },
    ]
  })
}
