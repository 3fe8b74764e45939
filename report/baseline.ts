/** A run against an earlier one, as people read it in a terminal. */
import type { Change, Comparison } from '../gap/baseline.ts'
import { colour } from './colour.ts'
import { table, withInterval } from './table.ts'

const mark: Record<Change, string> = {
  regressed: colour.red('✗ regressed'),
  improved: colour.green('✓ improved'),
  'within noise': 'within noise',
}

export const baselineReport = (compared: Comparison[]): string =>
  [
    `\n${colour.bold('Against the baseline')}${colour.dim('  (a change is told only where the intervals do not touch)')}`,
    table(
      ['gap', 'clients', 'before', 'now', ''],
      compared.map(({ key, figure, clients, before, now, change }) => [
        `${figure} ${key}`,
        String(clients),
        withInterval(before),
        withInterval(now),
        mark[change],
      ]),
    ),
  ].join('\n')
