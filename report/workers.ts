/** Settings of the service's workers as people read them. */
import type { WorkersRow } from '../gap/workers.ts'
import { colour } from './colour.ts'
import { figure, table, withInterval } from './table.ts'

export function workersReport(rows: WorkersRow[], pairs: number): string {
  const clients = [...new Set(rows.map((row) => row.clients))]
  return clients
    .flatMap((count) => [
      `\n${colour.bold(`${count} client${count === 1 ? '' : 's'}`)}${colour.dim(`  (in turns; ${pairs} blocks each; the last setting is the default)`)}`,
      table(
        ['workers × threads', 'TPS', '÷ default [95 %]', 'p99 ms', 'busiest worker'],
        rows
          .filter((row) => row.clients === count)
          .map(({ name, tps, ratio, p99Ms, unevenness }) => [
            name,
            figure(tps),
            ratio ? withInterval(ratio) : '',
            figure(p99Ms),
            `${figure(unevenness)}× its share`,
          ]),
      ),
    ])
    .join('\n')
}
