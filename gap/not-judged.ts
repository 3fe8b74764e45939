/** Bounds of thresholds.json that say nothing of a run, each with the reason: none is left out without a word. */
import type { Thresholds } from './bounds.ts'
import { expectedOfGap, expectedOfSide, type OfGap, type OfSide } from './expected.ts'
import { isOpenModel, type Measurement } from './measurement.ts'

/**
 * `clients`: it holds at another number of clients than were measured; `rate`: at a given rate all serve what is due; `training`: no
 * training was measured; `sides`: its side, or one of the two, was not asked as it is declared.
 */
export const reasonsNotJudged = ['clients', 'rate', 'training', 'sides'] as const

/** A bound that says nothing of the run. */
export interface NotJudged {
  /** Path in thresholds.json. */
  threshold: string
  /** Of a side's bound. */
  clients?: number | undefined
  why: (typeof reasonsNotJudged)[number]
}

/** @param checks that were made: every other bound that a comparison could judge is told */
export function notJudgedIn(
  measurement: Measurement,
  thresholds: Thresholds,
  checks: readonly { threshold: string }[],
): NotJudged[] {
  const declared = measurement.workload.sides
  const asked = new Set(measurement.settings.sides)
  const judged = new Set(checks.map(({ threshold }) => threshold))
  const left = <T extends OfSide | OfGap>(expected: T[], areAsked: boolean): NotJudged[] =>
    expected
      .filter(({ threshold }) => !judged.has(threshold))
      .map((each) => ({
        threshold: each.threshold,
        ...('clients' in each && { clients: each.clients }),
        why: whyNot(each, areAsked),
      }))
  const whyNot = ({ of }: OfSide | OfGap, areAsked: boolean): NotJudged['why'] => {
    if (of === 'training ratio') return 'training'
    if (!areAsked) return 'sides'
    return (of === 'tps' || of === 'tps ratio') && isOpenModel(measurement) ? 'rate' : 'clients'
  }
  const isLastAsked = asked.has(declared.at(-1) ?? '')
  return [
    ...declared.flatMap((side) => left(expectedOfSide(thresholds, side), asked.has(side))),
    ...declared
      .slice(0, -1)
      .flatMap((side) => left(expectedOfGap(thresholds, side, declared), asked.has(side) && isLastAsked)),
  ]
}
