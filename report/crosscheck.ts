/** The cross-check as people read it. */

import type { CrosscheckRow } from '../gap/crosscheck.ts'
import { colour } from './colour.ts'
import { figure, table, withInterval } from './table.ts'

export interface Crosscheck {
  rows: CrosscheckRow[]
  queryMode: string
  httpClient: string
  rounds: number
}

export function crosscheckReport({ rows, queryMode, httpClient, rounds }: Crosscheck): string {
  const heading = (text: string, note: string) => `\n${colour.bold(text)}${colour.dim(`  (${note})`)}`
  return [
    heading('Postgres', `TPS, query mode ${queryMode}; median of ${rounds} rounds`),
    table(
      ['clients', 'pgbench', 'k6', 'k6 ÷ pgbench'],
      rows.map((row) => [
        String(row.clients),
        figure(row.pgbench),
        figure(row.k6Postgres),
        withInterval(row.postgresShare),
      ]),
    ),
    heading('Python', 'TPS'),
    table(
      ['clients', httpClient, 'k6', `k6 ÷ ${httpClient}`],
      rows.map((row) => [
        String(row.clients),
        figure(row.http),
        figure(row.k6Python),
        withInterval(row.pythonShare),
      ]),
    ),
    heading('Gap', 'TPS, postgres ÷ python'),
    table(
      ['clients', `by pgbench and ${httpClient}`, 'by k6'],
      rows.map((row) => [String(row.clients), withInterval(row.gapByOwnClients), withInterval(row.gapByK6)]),
    ),
  ].join('\n')
}
