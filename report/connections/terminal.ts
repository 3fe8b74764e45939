/** First answers of new connections as people read them in a terminal. */
import { heading } from '../lines.ts'
import { table } from '../table.ts'
import type { ConnectionsRun } from './run.ts'
import { connectionsTable, whatConnectionsAre } from './words.ts'

export function connectionsTerminal(run: ConnectionsRun): string {
  const { head, body } = connectionsTable(run.rows)
  return `${heading('New connections', whatConnectionsAre(run))}\n${table(head, body)}`
}
