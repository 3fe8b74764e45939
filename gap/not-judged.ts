/** Bounds of thresholds.json that say nothing of a run, each with the reason: none is left out without a word. */
import { inPath } from '../workload/misfit.ts'
import {
  boundsOf,
  failureBoundOf,
  gapBoundsOf,
  gapPath,
  latencyFigures,
  ratioFigures,
  type Thresholds,
} from './bounds.ts'
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

interface Bound extends Omit<NotJudged, 'why'> {
  /** All of them must have been asked. */
  sides: string[]
  /** Of a rate, which the open model gives. */
  isRate?: boolean
  isTraining?: boolean
}

function ofSide(thresholds: Thresholds, side: string): Bound[] {
  const several = Array.isArray(thresholds[side])
  const most = failureBoundOf(thresholds, side) === undefined ? [] : [`${side}.maxFailureRate`]
  return [
    ...boundsOf(thresholds, side).flatMap(({ clients = 1, maxLatencyMs = {}, minTps }, index): Bound[] => {
      const path = inPath(several ? [side, index] : [side])
      const latencies = latencyFigures.filter((name) => maxLatencyMs[name] !== undefined)
      return [
        ...latencies.map((name) => ({ threshold: `${path}.maxLatencyMs.${name}`, clients, sides: [side] })),
        ...(minTps === undefined
          ? []
          : [{ threshold: `${path}.minTps`, clients, sides: [side], isRate: true }]),
      ]
    }),
    ...most.map((threshold) => ({ threshold, sides: [side] })),
  ]
}

function ofGap(thresholds: Thresholds, side: string, declared: readonly string[]): Bound[] {
  const bounds = gapBoundsOf(thresholds, side, declared)
  if (!bounds) return []
  const last = declared.at(-1) ?? ''
  const path = gapPath(thresholds.gap as object, side, last)
  const { minTpsRatio, minLatencyRatio = {}, minTrainingMemoryRatio } = bounds
  const sides = [side, last]
  return [
    ...(minTpsRatio === undefined ? [] : [{ threshold: `${path}.minTpsRatio`, sides, isRate: true }]),
    ...ratioFigures
      .filter((name) => minLatencyRatio[name] !== undefined)
      .map((name) => ({ threshold: `${path}.minLatencyRatio.${name}`, sides })),
    ...(minTrainingMemoryRatio === undefined
      ? []
      : [{ threshold: `${path}.minTrainingMemoryRatio`, sides: [], isTraining: true }]),
  ]
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
  const why = ({ sides, isRate, isTraining }: Bound): NotJudged['why'] => {
    if (isTraining) return 'training'
    if (!sides.every((side) => asked.has(side))) return 'sides'
    return isRate && isOpenModel(measurement) ? 'rate' : 'clients'
  }
  return [
    ...declared.flatMap((side) => ofSide(thresholds, side)),
    ...declared.slice(0, -1).flatMap((side) => ofGap(thresholds, side, declared)),
  ]
    .filter(({ threshold }) => !judged.has(threshold))
    .map((bound) => ({
      threshold: bound.threshold,
      ...(bound.clients !== undefined && { clients: bound.clients }),
      why: why(bound),
    }))
}
