/** What training costs at several sizes and in several ways: how it grows, by how much one way takes more than another. */
import { gapBoundsOf, gapPath, type Thresholds } from './bounds.ts'
import type { Check, Outcome } from './verdict.ts'

/** The key of a gap's bounds by which a way is judged against the first one. */
export const trainingBounds = ['minTrainingMemoryRatio', 'minLeanTrainingMemoryRatio'] as const
export type TrainingBound = (typeof trainingBounds)[number]

/** One way of training, at one size. */
export interface WayCost {
  way: string
  /** Bytes that all processes which take part had resident at most, by looking often; what they share counts once. */
  sampledBytes?: number | undefined
  /** The most that the process which trains ever had resident, as the kernel keeps it. */
  markBytes?: number | undefined
  /** From the beginning of the read to the stored model. */
  seconds: number
  /** Of the rows that are held out. */
  metrics: Readonly<Record<string, number>>
}

/** All ways at one size; the first is what the others are compared with. */
export interface SizeCost {
  rows: number
  trainRows: number
  testRows: number
  ways: readonly WayCost[]
}

/** Neither look nor mark sees all: a look may miss a moment, the mark is that of one process. */
export const peakOf = ({ sampledBytes = Number.NaN, markBytes = Number.NaN }: WayCost): number =>
  Number.isNaN(sampledBytes)
    ? markBytes
    : Number.isNaN(markBytes)
      ? sampledBytes
      : Math.max(sampledBytes, markBytes)

export interface TrainingRatio {
  rows: number
  /** The way that is compared with the first one. */
  way: string
  memory: number
  seconds: number
}

/** Each way ÷ the first one. */
export const ratiosOf = ({ rows, ways: [first, ...others] }: SizeCost): TrainingRatio[] =>
  first === undefined
    ? []
    : others.map((each) => ({
        rows,
        way: each.way,
        memory: peakOf(each) / peakOf(first),
        seconds: each.seconds / first.seconds,
      }))

export interface Growth {
  way: string
  /** Between two sizes. */
  from: number
  to: number
  bytesPerRow: number
  /** Microseconds. */
  timePerRow: number
}

/** How each way grows from a size to the next larger one. */
export function growthOf(sizes: readonly SizeCost[]): Growth[] {
  const ordered = [...sizes].sort((one, other) => one.rows - other.rows)
  return ordered.slice(1).flatMap((larger, index) => {
    const smaller = ordered[index] as SizeCost
    const more = larger.rows - smaller.rows
    return larger.ways.flatMap((each) => {
      const before = smaller.ways.find(({ way }) => way === each.way)
      return before === undefined
        ? []
        : [
            {
              way: each.way,
              from: smaller.rows,
              to: larger.rows,
              bytesPerRow: (peakOf(each) - peakOf(before)) / more,
              timePerRow: (1e6 * (each.seconds - before.seconds)) / more,
            },
          ]
    })
  })
}

export interface TrainingCheck extends Check {
  rows: number
}

/**
 * Bounds hold at every size.
 * @param sides of the workload, as declared
 * @param bounds by a way's name, what it is judged by
 */
export function judgeTraining(
  sizes: readonly SizeCost[],
  thresholds: Thresholds,
  sides: readonly string[],
  bounds: Readonly<{ [way: string]: TrainingBound | undefined }>,
): TrainingCheck[] {
  const [first = '', last = ''] = [sides[0], sides.at(-1)]
  const own = gapBoundsOf(thresholds, first, sides)
  if (own === undefined) return []
  return sizes.flatMap((size) =>
    ratiosOf(size).flatMap(({ rows, way, memory: measured }): TrainingCheck[] => {
      const key = bounds[way]
      const bound = key && own[key]
      if (key === undefined || bound === undefined) return []
      const outcome: Outcome = measured >= bound ? 'pass' : 'fail' // NaN fails
      const threshold = `${gapPath(thresholds.gap as object, first, last)}.${key}`
      return [{ threshold, rows, measured, relation: '≥', bound, unit: 'times', outcome }]
    }),
  )
}
