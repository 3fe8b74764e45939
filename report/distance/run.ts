/** All that is known of a comparison at several distances: what every form of the report is made from. */
import type { DistanceRow, Slope } from '../../gap/distance.ts'
import type { Measurement } from '../../gap/measurement.ts'
import type { Premise } from '../../gap/premises.ts'
import type { Published } from '../../workload/workload.ts'
import type { Machine } from '../run.ts'

export interface DistanceRun {
  startedAt: string
  /** Repeats it. */
  command: string
  machine: Machine
  rows: readonly DistanceRow[]
  /** The side that the others are compared with. Its rows are not the last ones: others are asked beside the sides. */
  last: string
  slopes: readonly Slope[]
  /** Which links were given distance. */
  links: readonly string[]
  jitterMs: number
  /** Requests a second that were due; 0 in the closed model. */
  rate: number
  premises: readonly Premise[]
  published?: Published | undefined
  /** What null operations found at each distance. */
  added: readonly { roundTripMs: number; addedMs: readonly number[] }[]
  /** In the order of the distances. */
  measurements: readonly Measurement[]
}
