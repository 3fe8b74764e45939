/** Questions for several keys at once as people read them. */
import type { BatchRow } from '../gap/batches.ts'
import type { Ratio } from '../gap/ratio.ts'
import { heading } from './lines.ts'
import { markdownTable, plain } from './markup.ts'
import { figure, table, times, withInterval } from './table.ts'
import { clientsInWords } from './words.ts'

const lastOf = (rows: readonly BatchRow[]) => rows.at(-1)?.side ?? ''

/**
 * The head first; columns that say nothing of any row are left out.
 * @param wide with what a terminal of 80 columns has no room for
 */
function cells(rows: readonly BatchRow[], wide: boolean): { head: string[]; body: string[][] } {
  const smallest = Math.min(...rows.map(({ size }) => size))
  const gainInWords = wide ? withInterval : ({ median }: Ratio) => times(median)
  const columns: { name: string; of: (row: BatchRow) => string }[] = [
    { name: 'keys', of: ({ size }) => String(size) },
    { name: 'side', of: ({ side }) => side },
    { name: 'predictions/s', of: (row) => figure(row.predictionsPerSecond) },
    ...(wide ? [{ name: 'requests/s', of: (row: BatchRow) => figure(row.requestsPerSecond) }] : []),
    { name: 'p50 ms', of: ({ latencyMs }) => figure(latencyMs.p50 ?? Number.NaN) },
    { name: 'p99 ms', of: ({ latencyMs }) => figure(latencyMs.p99 ?? Number.NaN) },
    { name: `÷ own at ${smallest}`, of: ({ gain }) => (gain ? gainInWords(gain) : '') },
    { name: `÷ ${lastOf(rows)} [95 %]`, of: ({ gap }) => (gap ? withInterval(gap) : '') },
    { name: 'failed', of: ({ failures }) => (failures > 0 ? String(failures) : '') },
  ]
  const told = columns.filter(({ of }) => rows.some((row) => of(row) !== ''))
  return { head: told.map(({ name }) => name), body: rows.map((row) => told.map(({ of }) => of(row))) }
}

/** A table for each number of clients; a title of its own says how many. */
export const batchTables = (rows: readonly BatchRow[], wide: boolean) =>
  [...new Set(rows.map(({ clients }) => clients))].map((clients) => ({
    about: `${clientsInWords(clients)}; latency is that of a whole request`,
    ...cells(
      rows.filter((row) => row.clients === clients),
      wide,
    ),
  }))

/** For the terminal. */
export const batchesReport = (rows: readonly BatchRow[]): string =>
  batchTables(rows, false)
    .map(({ about, head, body }) => `${heading('Several keys at once', about)}\n${table(head, body)}`)
    .join('\n')

export const batchesMarkdown = (rows: readonly BatchRow[]): string =>
  batchTables(rows, true)
    .map(({ about, head, body }) => {
      const rowsOfText = body.map((row) => row.map(plain))
      return `Several keys at once (${about}):\n\n${markdownTable(head.map(plain), rowsOfText)}`
    })
    .join('\n\n')
