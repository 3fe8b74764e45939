/**
 * What Postgres holds of a table, looked at before anything is loaded: its own refusal would come in the midst of that, and would not
 * say which flag to change. https://www.postgresql.org/docs/current/limits.html
 */
import { type Column, type Dataset, keyColumnsOf } from '../workload/dataset.ts'
import { aligned, widthOf } from './room.ts'

/** What stands before the values of a row, besides a bit for each where one is missing, and of an entry of an index. */
const [beforeRow, beforeEntry] = [23, 8]

/** The longest text of each column of texts, in bytes. */
type Longest = ReadonlyMap<string, number>

/** Bytes at the most. */
function widest(columns: readonly Column[], longest: Longest, from: number, without?: Column): number {
  const values = columns.map((column) => {
    const length = column.type === 'text' ? (longest.get(column.name) ?? 0) : 1
    return column === without ? '' : 'x'.repeat(length)
  })
  return widthOf(
    columns.map(({ type }) => type),
    values,
    aligned(from),
  )
}

/** With all of its values or, where that is more, without one of them: where one is missing there is a bit for each. */
function widestRow({ columns }: Dataset, longest: Longest): number {
  const withBits = beforeRow + Math.ceil(columns.length / 8)
  return Math.max(
    widest(columns, longest, beforeRow),
    ...columns
      .filter(({ nullable }) => nullable)
      .map((without) => widest(columns, longest, withBits, without)),
  )
}

/** What does not fit, and what to do; undefined where all does. */
export function faultOfSize(
  dataset: Dataset,
  longest: Longest,
): { message: string; hint: string } | undefined {
  const byFeatures = 'Name fewer columns by --features'
  const byKey = 'Name fewer columns by --key, or shorter ones'
  const key = keyColumnsOf(dataset)
  const looks: [what: string, is: number, most: number, of: string, hint: string][] = [
    ['The table has', dataset.columns.length, 1600, 'columns', byFeatures],
    ['The table has rows of', widestRow(dataset, longest), 8160, 'bytes', byFeatures],
    ['The key has', key.length, 32, 'columns', byKey],
    ['The key has', widest(key, longest, beforeEntry), 2704, 'bytes', byKey],
  ]
  const over = looks.find(([, is, most]) => is > most)
  if (!over) return undefined
  const [what, is, most, of, hint] = over
  const [found, allowed] = [is, most].map((count) => count.toLocaleString('en'))
  return { message: `${what} ${found} ${of}, of which Postgres takes ${allowed} at the most`, hint }
}
