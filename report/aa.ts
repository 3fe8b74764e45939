/** A side against itself as people read it. */

import type { AARow, AASeries } from '../gap/aa.ts'
import { colour } from './colour.ts'
import { table, withInterval } from './table.ts'

export function aaReport(side: string, pairs: number, rows: AARow[]): string {
  return [
    `\n${colour.bold(`A/A: ${side} against itself`)}${colour.dim(`  (median of ${pairs} pairs [95 % interval])`)}`,
    table(
      ['', 'clients', 'ratio', 'half-width', '1.00 inside'],
      rows.map(({ figure, clients, ratio, halfWidth, holds }) => [
        figure,
        String(clients),
        withInterval(ratio),
        `${(halfWidth * 100).toFixed(1)} %`,
        holds ? colour.green('✓ yes') : colour.red('✗ no'),
      ]),
    ),
  ].join('\n')
}

/** Several runs in a row: for each figure in how many its interval held 1.00, and for TPS every run. */
export function aaSeriesReport(side: string, series: AASeries[]): string {
  const runs = series[0]?.runs.length ?? 0
  return [
    `\n${colour.bold(`A/A: ${runs} runs of ${side} against itself`)}`,
    table(
      ['', 'clients', '1.00 inside', 'median half-width'],
      series.map(({ figure, clients, held, enough, halfWidth }) => [
        figure,
        String(clients),
        `${held} of ${runs} ${enough ? colour.green('✓') : colour.red('✗')}`,
        `${(halfWidth * 100).toFixed(1)} %`,
      ]),
    ),
    '',
    table(
      [
        'run',
        ...series.filter(({ figure }) => figure === 'TPS').map(({ clients }) => `TPS, clients: ${clients}`),
      ],
      Array.from({ length: runs }, (_, run) => [
        String(run + 1),
        ...series
          .filter(({ figure }) => figure === 'TPS')
          .map((each) => withInterval(each.runs[run] as AASeries['runs'][number])),
      ]),
    ),
  ].join('\n')
}
