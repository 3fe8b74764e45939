/** A run against an earlier one, as people read it in a terminal. */
import type { Change, Comparison, Moved } from '../gap/baseline.ts'
import { colour } from './colour.ts'
import { figure, table, withInterval } from './table.ts'
import { clientsInWords } from './words.ts'

const mark: Record<Change, string> = {
  regressed: colour.red('✗ regressed'),
  improved: colour.green('✓ improved'),
  'within noise': 'within noise',
}

/** What a change may come from; none where the machine was as it is. */
export const movedInWords = (moved: Moved[]): string[] =>
  moved.length === 0
    ? []
    : [
        `The machine or the client is not as it was, and a gap may have moved with it. Time of a null operation, which no side can change: ${moved
          .map(
            ({ key, clients, beforeMs, nowMs }) =>
              `${key} at ${clientsInWords(clients)} ${figure(beforeMs)} ms before, ${figure(nowMs)} ms now`,
          )
          .join('; ')}.`,
      ]

export const baselineReport = (compared: Comparison[], moved: Moved[]): string =>
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
    ...movedInWords(moved).map((text) => `  ${colour.yellow('!')} ${text}`),
  ].join('\n')
