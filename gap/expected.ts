/** Each bound of thresholds.json that a comparison can judge, as one thing. */
import { inPath } from '../workload/misfit.ts'
import {
  boundsOf,
  failureBoundOf,
  gapBoundsOf,
  gapPath,
  type LatencyFigure,
  latencyFigures,
  type RatioFigure,
  ratioFigures,
  type Thresholds,
} from './bounds.ts'

type Bounded = {
  /** Path in thresholds.json. */
  threshold: string
  bound: number
  side: string
}

export type OfSide = Bounded &
  (
    | { of: 'latency'; clients: number; figure: LatencyFigure }
    | { of: 'tps'; clients: number }
    /** At every number of clients. */
    | { of: 'failures' }
  )

/** Of a side against the last one, at every number of clients. */
export type OfGap = Bounded &
  ({ of: 'tps ratio' } | { of: 'latency ratio'; figure: RatioFigure } | { of: 'training ratio' })

/** What of it is given. */
const given = <T>(bound: number | undefined, of: (bound: number) => T): T[] =>
  bound === undefined ? [] : [of(bound)]

/** In the order in which they are written. */
export function expectedOfSide(thresholds: Thresholds, side: string): OfSide[] {
  const several = Array.isArray(thresholds[side])
  return [
    ...boundsOf(thresholds, side).flatMap(({ clients = 1, maxLatencyMs = {}, minTps }, index): OfSide[] => {
      const path = inPath(several ? [side, index] : [side])
      return [
        ...latencyFigures.flatMap((figure) =>
          given(maxLatencyMs[figure], (bound) => ({
            ...{ of: 'latency' as const, threshold: `${path}.maxLatencyMs.${figure}` },
            ...{ bound, side, clients, figure },
          })),
        ),
        ...given(minTps, (bound) => ({
          ...{ of: 'tps' as const, threshold: `${path}.minTps`, bound, side, clients },
        })),
      ]
    }),
    ...given(failureBoundOf(thresholds, side), (bound) => ({
      ...{ of: 'failures' as const, threshold: `${side}.maxFailureRate`, bound, side },
    })),
  ]
}

/** @param declared sides of the workload */
export function expectedOfGap(thresholds: Thresholds, side: string, declared: readonly string[]): OfGap[] {
  const bounds = gapBoundsOf(thresholds, side, declared)
  if (!bounds) return []
  const path = gapPath(thresholds.gap as object, side, declared.at(-1) ?? '')
  const { minTpsRatio, minLatencyRatio = {}, minTrainingMemoryRatio } = bounds
  return [
    ...given(minTpsRatio, (bound) => ({
      ...{ of: 'tps ratio' as const, threshold: `${path}.minTpsRatio`, bound, side },
    })),
    ...ratioFigures.flatMap((figure) =>
      given(minLatencyRatio[figure], (bound) => ({
        ...{ of: 'latency ratio' as const, threshold: `${path}.minLatencyRatio.${figure}` },
        ...{ bound, side, figure },
      })),
    ),
    ...given(minTrainingMemoryRatio, (bound) => ({
      ...{ of: 'training ratio' as const, threshold: `${path}.minTrainingMemoryRatio`, bound, side },
    })),
  ]
}
