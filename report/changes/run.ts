/** All that is known of changes under load: what every form of the report is made from. */
import type { Moment, TakeoverRow } from '../../gap/takeover.ts'
import type { WritesRow } from '../../gap/writes.ts'
import type { Machine } from '../run.ts'

export interface ChangesRun {
  /** What changed. */
  what: string
  startedAt: string
  /** Repeats it. */
  command: string
  machine: Machine
  /** How it is done to who is asked at an address, by the variable of that. */
  how: readonly { address: string; how: string }[]
  rounds: number
  /** Of a side in a round. */
  seconds: number
  /** That were asked for. */
  keys: number
  /** Of a new model. */
  takeover?: readonly TakeoverRow[]
  moments?: readonly Moment[]
  /** Of features. */
  writes?: readonly WritesRow[]
}
