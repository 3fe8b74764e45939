/** The cross-check as people read it. */
import type { CrosscheckRow } from '../gap/crosscheck.ts'
import { colour } from './colour.ts'
import { figure, table, withInterval } from './table.ts'

export interface Crosscheck {
  rows: CrosscheckRow[]
  /** By side: who asks it besides k6. */
  clients: Record<string, string>
  /** By side that speaks SQL: how its queries were sent. */
  modes: Record<string, string>
  rounds: number
}

export function crosscheckReport({ rows, modes, clients, rounds }: Crosscheck): string {
  const heading = (text: string, note: string) => `\n${colour.bold(text)}${colour.dim(`  (${note})`)}`
  const names = Object.keys(clients)
  return [
    ...names.flatMap((side) => [
      heading(
        side,
        `TPS, ${modes[side] ? `query mode ${modes[side]}; ` : ''}median of ${rounds} round${rounds === 1 ? '' : 's'}`,
      ),
      table(
        ['clients', clients[side] as string, 'k6', `k6 ÷ ${clients[side]}`],
        rows.flatMap(({ clients: count, sides }) => {
          const seen = sides[side]
          return seen ? [[String(count), figure(seen.own), figure(seen.k6), withInterval(seen.share)]] : []
        }),
      ),
    ]),
    ...(names.length > 1
      ? [
          heading('Gap', `TPS, ${names[0]} ÷ ${names.at(-1)}`),
          table(
            ['clients', `by ${clients[names[0] as string]} and ${clients[names.at(-1) as string]}`, 'by k6'],
            rows.map((row) => [
              String(row.clients),
              row.gapByOwnClients ? withInterval(row.gapByOwnClients) : '',
              row.gapByK6 ? withInterval(row.gapByK6) : '',
            ]),
          ),
        ]
      : []),
  ].join('\n')
}
