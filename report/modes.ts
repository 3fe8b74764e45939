/** The query modes side by side as people read them. */
import type { Figures } from '../gap/figures.ts'
import type { Gap } from '../gap/verdict.ts'
import type { QueryMode } from '../workload/workload.ts'
import { colour } from './colour.ts'
import { figure, table, withInterval } from './table.ts'

export interface Modes {
  figures: Figures[]
  gaps: Gap[]
  /** The side that the others are compared with. */
  last: string
  pairs: number
  sessions: number
}

const inWords: Record<QueryMode, string> = {
  simple: 'simple: one text, parsed and planned each time',
  extended: 'extended: parsed and planned each time, parameters apart',
  prepared: 'prepared: parsed once a connection',
}

export function modesReport({ figures, gaps, last, pairs, sessions }: Modes): string {
  return [
    `\n${colour.bold('Query modes')}${colour.dim(`  (latency in ms; gap: TPS ÷ ${last}'s, median of ${pairs} pairs in ${sessions} sessions)`)}`,
    table(
      ['', 'clients', 'TPS', 'mean', 'p50', 'p99', 'gap [95 %]'],
      figures.map(({ key, clients, tps, latencyMs }) => {
        const gap = gaps.find((each) => each.key === key && each.clients === clients)
        return [
          key,
          String(clients),
          figure(tps),
          ...[latencyMs.mean, latencyMs.p50, latencyMs.p99].map(figure),
          gap ? withInterval(gap.tps) : '',
        ]
      }),
    ),
    '',
    ...Object.values(inWords).map((words) => colour.dim(`  ${words}`)),
  ].join('\n')
}
