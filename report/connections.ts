/** First answers of new connections as people read them. */
import type { ConnectionsRow } from '../gap/connections.ts'
import { colour } from './colour.ts'
import { figure, table, withInterval } from './table.ts'

export function connectionsReport(rows: ConnectionsRow[], rounds: number): string {
  const ms = (value: number | undefined) => figure(value ?? Number.NaN)
  return [
    `\n${colour.bold('New connections')}${colour.dim(`  (ms, from before one is opened; medians of ${rounds} rounds, all clients at once)`)}`,
    table(
      ['side', 'clients', 'first p50', 'first max', 'second p50', 'first ÷ second [95 %]', 'failed'],
      rows.map(({ key, clients, answers: { first, second }, firstToSecond, failed }) => [
        ...[key, String(clients), ms(first?.p50Ms), ms(first?.maxMs), ms(second?.p50Ms)],
        ...[firstToSecond ? withInterval(firstToSecond) : '-', String(failed)],
      ]),
    ),
  ].join('\n')
}
