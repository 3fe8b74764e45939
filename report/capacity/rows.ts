/** What a search found of a side, put into the form in which it is told. */
import type { SideConfirmation } from '../../gap/capacity/confirmation.ts'
import type { Objective, Term } from '../../gap/capacity/evidence.ts'
import type { MeasuredRate, SideResult } from '../../gap/capacity/search.ts'
import type { TermVerdict } from '../../gap/capacity/verdict.ts'
import { latencyOf } from '../../gap/figures.ts'
import type { MeasuredBlock } from '../../gap/measurement.ts'
import { sum } from '../../gap/sum.ts'
import type { CapacitySide, RateRow } from './run.ts'

/** From what a term uses of what it allows to what it is about: a share within the limit, milliseconds, or a share of failures. */
function inItsUnit(term: Term, { text, used, low, high }: TermVerdict): RateRow['terms'][number] {
  if (term.figure === 'mean')
    return { text, value: used * term.limitMs, low: low * term.limitMs, high: high * term.limitMs }
  if (term.figure === 'failures')
    // The interval of two rounds that differ much ends at more than there are requests.
    return { text, value: used * term.limit, low: low * term.limit, high: Math.min(1, high * term.limit) }
  const within = (of: number) => Math.max(0, 1 - of * (1 - term.share))
  return { text, value: within(used), low: within(high), high: within(low) }
}

const rightOf = (blocks: readonly MeasuredBlock[]) => blocks.map(({ ok }) => ok)

/** @param blocks of all sides in the search @param nullKey of the side's null server */
function rowOf(
  side: string,
  { rate, verdict, why, terms, points }: MeasuredRate,
  objective: Objective,
  blocks: readonly MeasuredBlock[],
  nullKey: string,
): RateRow {
  const own = blocks.filter(({ key, open }) => key === side && open?.rate === rate)
  const nulls = blocks.filter(({ key, open }) => key === nullKey && open?.rate === rate)
  const due = sum(points.map((point) => point.due))
  const nullP99Ms = nulls.length > 0 ? latencyOf(rightOf(nulls)).p99 : Number.NaN
  return {
    rate,
    verdict,
    ...(verdict !== 'holds' && { why }),
    terms: terms.map((term, at) => inItsUnit(objective.terms[at] as Term, term)),
    rounds: points.length,
    due,
    achieved: due > 0 ? sum(points.map(({ answered }) => answered)) / due : 0,
    growth: sum(points.map(({ growth }) => growth)) / points.length,
    latencyMs: latencyOf(rightOf(own)),
    client: {
      lateP99Ms: Math.max(...points.map(({ lateP99Ms }) => lateP99Ms)),
      ...(Number.isFinite(nullP99Ms) && { nullP99Ms }),
      waited: due > 0 ? sum(own.map(({ open }) => open?.waited ?? 0)) / due : 0,
    },
  }
}

export interface Found {
  side: string
  objective: Objective
  closed: CapacitySide['closed']
  result: SideResult
  confirmation: SideConfirmation | undefined
  blocks: readonly MeasuredBlock[]
  nullKey: string
}

export function sideOf({
  side,
  objective,
  closed,
  result,
  confirmation,
  blocks,
  nullKey,
}: Found): CapacitySide {
  const confirmed = confirmation?.confirmedRate
  const why = confirmation?.steps.at(-1)?.why
  return {
    side,
    objective: objective.text,
    closed,
    ...(result.kind === 'capacity' && {
      found: { capacity: result.capacity, low: result.low, high: result.high, way: result.way },
    }),
    ...(confirmed !== undefined && { confirmed }),
    ...(confirmed === undefined && why !== undefined && { unconfirmed: why }),
    ...(result.kind === 'at-least' && {
      atLeast: {
        rate: confirmed ?? result.rate,
        why: `${result.isClient ? 'client-limited: ' : ''}${result.why}`,
      },
    }),
    ...(result.kind === 'none' && { none: result.why }),
    rates: result.rates.map((rate) => rowOf(side, rate, objective, blocks, nullKey)),
  }
}
