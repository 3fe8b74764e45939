/** A target against itself as people read it. */

import type { AARow } from '../gap/aa.ts'
import { colour } from './colour.ts'
import { table, withInterval } from './table.ts'

export function aaReport(target: string, pairs: number, rows: AARow[]): string {
  return [
    `\n${colour.bold(`A/A: ${target} against itself`)}${colour.dim(`  (median of ${pairs} pairs [95 % interval])`)}`,
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
