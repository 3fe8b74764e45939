/** First answers of new connections as people read them. */
import type { ConnectionsRow } from '../gap/connections.ts'
import { colour } from './colour.ts'
import { figure, table, withInterval } from './table.ts'

export function connectionsReport(rows: ConnectionsRow[], rounds: number): string {
  const ms = (value: number | undefined) => figure(value ?? Number.NaN)
  return [
    `\n${colour.bold('New connections')}${colour.dim(`  (all clients at once; ms of half of them, from before one is opened; ${rounds} rounds)`)}`,
    table(
      ['side', 'clients', 'first', 'longest', 'second', 'first ÷ second [95 %]', 'failed'],
      rows.map(({ key, clients, answers: { first, second }, firstToSecond, failed }) => [
        ...[key, String(clients), ms(first?.p50Ms), ms(first?.maxMs), ms(second?.p50Ms)],
        ...[firstToSecond ? withInterval(firstToSecond) : '-', String(failed)],
      ]),
    ),
  ].join('\n')
}
