/** A target against itself as people read it. */
import pc from 'picocolors'
import type { AARow } from '../gap/aa.ts'
import { table, withInterval } from './table.ts'

export function aaReport(target: string, pairs: number, rows: AARow[]): string {
  return [
    `\n${pc.bold(`A/A: ${target} against itself`)}${pc.dim(`  (median of ${pairs} pairs [95 % interval])`)}`,
    table(
      ['', 'clients', 'ratio', 'half-width', '1.00 inside'],
      rows.map(({ figure, clients, ratio, halfWidth, holds }) => [
        figure,
        String(clients),
        withInterval(ratio),
        `${(halfWidth * 100).toFixed(1)} %`,
        holds ? pc.green('✓ yes') : pc.red('✗ no'),
      ]),
    ),
  ].join('\n')
}
