/** Resamples of sessions, then of rounds within them, as ratio.ts draws restarts, then pairs. */
import { sampleStandardDeviation } from 'simple-statistics'
import { random } from '../../workload/random.ts'
import { normalTail, studentT } from '../ratio.ts'

/**
 * How often each round was drawn, in a resample. Rounds stand in the order of `sizes`: those of the first session first.
 *
 * @param sizes rounds by session
 */
export function* weightsOf(
  sizes: readonly number[],
  resamples: number,
  seed: number,
): Generator<Float64Array> {
  const next = random(seed)
  const starts = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  for (let resample = 0; resample < resamples; resample++) {
    const weights = new Float64Array(total)
    for (let drawn = 0; drawn < sizes.length; drawn++) {
      const session = Math.floor(next() * sizes.length)
      const size = sizes[session] as number
      for (let round = 0; round < size; round++) {
        const at = (starts[session] as number) + Math.floor(next() * size)
        weights[at] = (weights[at] as number) + 1
      }
    }
    yield weights
  }
}

/** The same, with rounds drawn from all sessions alike, or sessions drawn with all of their rounds. */
export function* weightsBy(
  unit: 'rounds' | 'sessions',
  sizes: readonly number[],
  resamples: number,
  seed: number,
): Generator<Float64Array> {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (unit === 'rounds') {
    yield* weightsOf([total], resamples, seed)
    return
  }
  const session = sizes.flatMap((size, at) => Array<number>(size).fill(at))
  for (const drawn of weightsOf([sizes.length], resamples, seed))
    yield Float64Array.from(session, (at) => drawn[at] as number)
}

/**
 * The share of resamples beyond each end of a 95 % interval, so that with few of them it is as wide as Student's t asks for
 * (the expanded percentile interval of Hesterberg, 2015).
 */
export function tailOf(count: number): number {
  const degrees = Math.max(1, count - 1)
  return normalTail(studentT(0.975, degrees) * Math.sqrt((degrees + 1) / degrees))
}

/** The same where resamples are only to be as wide as what they resample: they fall short by √(1 - 1 ÷ count). */
export const plainTailOf = (count: number) => normalTail(1.96 * Math.sqrt(count / (count - 1)))

/** Half of Student's 95 % interval of a mean; without end for a single value. */
export const halfOfMean = (values: readonly number[]): number =>
  values.length < 2
    ? Number.POSITIVE_INFINITY
    : studentT(0.975, values.length - 1) *
      (sampleStandardDeviation(values as number[]) / Math.sqrt(values.length))
