/** All that is known of new connections: what every form of the report is made from. */
import type { Connections, ConnectionsRow } from '../../gap/connections.ts'
import type { Machine } from '../run.ts'

export interface ConnectionsRun {
  startedAt: string
  /** Repeats it. */
  command: string
  machine: Machine
  rows: readonly ConnectionsRow[]
  /** What the rows are made of. */
  found: Connections
}
