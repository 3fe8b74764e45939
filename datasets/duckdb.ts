/**
 * DuckDB inside this process: reads, codes and writes rows out of core. What passes through Node is a part of them at a time, and
 * what DuckDB holds is bounded.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import type {
  DuckDBConnection,
  DuckDBDecimalValue,
  DuckDBValueConverter,
  JS,
  JSDuckDBValueConverter,
} from '@duckdb/node-api'

/**
 * What it holds at once; the rest goes to files that are gone afterwards. What it has freed is given back soon: kept, it would be half
 * as much again. Each thread needs room of its own.
 */
const bounds = {
  memory_limit: '160MB',
  threads: String(Math.min(4, availableParallelism())),
  allocator_background_threads: 'true',
  allocator_flush_threshold: '8MB',
  allocator_bulk_deallocation_flush_threshold: '32MB',
}

/** Bytes of rows that are held while more are sorted: what else is held leaves so much. */
export const heldSorted = 40e6

export interface DuckDb {
  run(sql: string): Promise<void>
  /** All rows of an answer that is known to be short. */
  rows(sql: string): Promise<JS[][]>
  /** Rows as they come, some at a time. */
  stream(sql: string): AsyncIterable<JS[][]>
  /** The same, by the names of their columns; a decimal that a number would cut is text. */
  objects(sql: string): AsyncIterable<Record<string, JS>[]>
}

/** The digits that matter: without zeros at the end of a fraction. */
const digitsOf = (decimal: string) => (decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal)

function decimalOf(value: DuckDBDecimalValue): number | string {
  const [text, number] = [String(value), value.toDouble()]
  return digitsOf(text) === digitsOf(String(number)) ? number : text
}

const over = (
  connection: DuckDBConnection,
  convert: typeof JSDuckDBValueConverter,
  decimal: typeof DuckDBDecimalValue,
): DuckDb => ({
  run: async (sql) => void (await connection.run(sql)),
  rows: async (sql) => (await connection.runAndReadAll(sql)).getRowsJS(),
  objects: async function* (sql) {
    const exact: DuckDBValueConverter<JS> = (value, type, converter) =>
      value instanceof decimal ? decimalOf(value) : convert(value, type, converter)
    for await (const rows of (await connection.stream(sql)).yieldConvertedRowObjects(exact))
      yield rows as Record<string, JS>[]
  },
  stream: async function* (sql) {
    for await (const rows of (await connection.stream(sql)).yieldRowsJs()) yield rows
  },
})

/** Nothing of it is left when this returns, however it returns. */
export async function withDuckDb<T>(work: (db: DuckDb) => Promise<T>): Promise<T> {
  // Its library is large: only who needs it loads it.
  const { DuckDBDecimalValue, DuckDBInstance, JSDuckDBValueConverter } = await import('@duckdb/node-api')
  const scratch = await mkdtemp(path.join(tmpdir(), 'inference-gap-rows-'))
  try {
    // In a file: what is beyond its memory then lies there, compressed.
    const instance = await DuckDBInstance.create(path.join(scratch, 'rows.db'), {
      ...bounds,
      temp_directory: scratch,
      // It would fetch extensions from the Internet where a file asks for one.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    })
    try {
      const connection = await instance.connect()
      try {
        return await work(over(connection, JSDuckDBValueConverter, DuckDBDecimalValue))
      } finally {
        connection.closeSync()
      }
    } finally {
      instance.closeSync()
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
