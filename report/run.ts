/** All that is known about one run: what every form of the report is made from. */
import type { ClientCost } from '../gap/cost.ts'
import type { Measurement } from '../gap/measurement.ts'
import type { Premise } from '../gap/premises.ts'
import type { Thresholds } from '../gap/thresholds.ts'
import type { Verdict } from '../gap/verdict.ts'
import type { Parity } from '../targets/parity.ts'
import type { TrainingReport } from '../targets/training.ts'

export interface Machine {
  system: string
  processor: string
  cores: number
  /** Bytes. */
  memory: number
}

export interface Run {
  version: 2
  /** ISO time. */
  startedAt: string
  /** The command line that repeats it. */
  command: string
  machine: Machine
  /** Name to version of everything that takes part. */
  versions: Record<string, string>
  /** How each target was set up: workers, threads, serializer, settings. */
  targets: { postgres: string; python: string }
  /** What lies between the clients and Postgres, in words. */
  between?: string
  parity: Parity
  training?: { postgres: TrainingReport; python: TrainingReport }
  premises: Premise[]
  costs: ClientCost[]
  thresholds: Thresholds
  measurement: Measurement
  verdict: Verdict
}
