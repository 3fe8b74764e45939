/** The prepared CSV as DuckDB reads and writes it. */
import { writeFile } from 'node:fs/promises'
import type { Column, Dataset } from '../workload/dataset.ts'
import { freeName, literal, quotedName } from '../workload/identifier.ts'
import { drawnKeys } from './drawn-keys.ts'
import { type DuckDb, fileLiteral } from './duckdb.ts'
import type { Prepared } from './prepared.ts'

/** The columns that are written in quotes, so that each reader takes them for texts. */
export const quotedColumns = ({ columns }: Dataset): string[] =>
  columns.filter(({ type }) => type === 'text').map(({ name }) => name)

const format =
  "header = true, auto_detect = false, hive_partitioning = false, delim = ',', quote = '\"', escape = '\"', allow_quoted_nulls = false"

/** Of the keys for which nobody said one. */
const usualSeed = 1

/** Beside the columns: where a row stands in the file. */
export const placeOf = ({ columns }: Dataset): string =>
  quotedName(
    freeName(
      'place',
      columns.map(({ name }) => name),
    ),
  )

/** The rows with their place. @param typeOf what a column is read as; VARCHAR: as it is written */
export function numberedRows({ dataset, csv }: Prepared, typeOf: (column: Column) => string): string {
  const types = dataset.columns.map((column) => `${literal(column.name)}: ${literal(typeOf(column))}`)
  return `(SELECT *, row_number() OVER () AS ${placeOf(dataset)}
    FROM read_csv(${fileLiteral(csv)}, ${format}, columns = {${types.join(', ')}}))`
}

/**
 * Writes all files of a prepared dataset.
 * @param rows a query of the dataset's columns, in their order
 * @param dictionaries JSON objects by name
 */
export async function writePrepared(
  db: DuckDb,
  prepared: Prepared,
  rows: string,
  dictionaries: Readonly<Record<string, string>>,
): Promise<void> {
  const { dataset } = prepared
  const quoted = quotedColumns(dataset).map(quotedName)
  const options = [
    'FORMAT csv',
    'HEADER',
    ...(quoted.length > 0 ? [`FORCE_QUOTE (${quoted.join(', ')})`] : []),
  ]
  await db.run(`COPY (${rows}) TO ${literal(prepared.csv)} (${options.join(', ')})`)
  const key = dataset.key.map(quotedName).join(', ')
  const whole = ({ name, type }: Column) =>
    dataset.key.includes(name) && type !== 'text' ? 'BIGINT' : 'VARCHAR'
  const place = placeOf(dataset)
  await db.run(
    `COPY (SELECT ${key}, min(${place}) AS ${place} FROM ${numberedRows(prepared, whole)} GROUP BY ${key} ORDER BY ${place})
     TO ${literal(prepared.everyKey)} (FORMAT parquet)`,
  )
  await writeFile(prepared.keys, JSON.stringify((await drawnKeys(db, prepared, 'even', usualSeed)).keys))
  const parts = Object.entries(dictionaries).map(([name, each]) => `${JSON.stringify(name)}:${each}`)
  await writeFile(prepared.dictionaries, JSON.stringify(JSON.parse(`{${parts.join(',')}}`), null, 1))
  await writeFile(prepared.description, JSON.stringify(dataset, null, 1))
}
