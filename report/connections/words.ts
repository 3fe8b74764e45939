/** The table of new connections, for every form of the report alike. */
import type { ConnectionsRow } from '../../gap/connections.ts'
import { figure, withInterval } from '../table.ts'
import type { ConnectionsRun } from './run.ts'

export const whatConnectionsAre = ({ found: { rounds } }: ConnectionsRun) =>
  `all clients at once; ms of half of them, from before one is opened; ${rounds} rounds`

/** The head first. */
export function connectionsTable(rows: readonly ConnectionsRow[]): { head: string[]; body: string[][] } {
  const ms = (value: number | undefined) => figure(value ?? Number.NaN)
  return {
    head: ['side', 'clients', 'first', 'longest', 'second', 'first ÷ second [95 %]', 'failed'],
    body: rows.map(({ key, clients, answers: { first, second }, firstToSecond, failed }) => [
      ...[key, String(clients), ms(first?.p50Ms), ms(first?.maxMs), ms(second?.p50Ms)],
      ...[firstToSecond ? withInterval(firstToSecond) : '-', String(failed)],
    ]),
  }
}
