/**
 * DuckDB inside this process: reads, codes and writes rows out of core. What passes through Node is a part of them at a time, and
 * what DuckDB holds is bounded.
 */
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import type { DuckDBConnection, DuckDBValueConverter, JS, JSDuckDBValueConverter } from '@duckdb/node-api'
import { BadInput, reasonOf } from '../build/failure.ts'
import { literal } from '../workload/identifier.ts'
import { exactly } from './exact.ts'

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
  /** The same, by the names of their columns; what a number or a Date would cut is text. */
  objects(sql: string): AsyncIterable<Record<string, JS>[]>
}

const over = (
  connection: DuckDBConnection,
  convert: typeof JSDuckDBValueConverter,
  exact: ReturnType<typeof exactly>,
): DuckDb => ({
  run: async (sql) => void (await connection.run(sql)),
  rows: async (sql) => (await connection.runAndReadAll(sql)).getRowsJS(),
  objects: async function* (sql) {
    const converted: DuckDBValueConverter<JS> = (value, type, converter) =>
      exact(value) ?? convert(value, type, converter)
    for await (const rows of (await connection.stream(sql)).yieldConvertedRowObjects(converted))
      yield rows as Record<string, JS>[]
  },
  stream: async function* (sql) {
    for await (const rows of (await connection.stream(sql)).yieldRowsJs()) yield rows
  },
})

/** A path in which no sign stands for others. */
export const asItIs = (file: string): string => file.replace(/[*?[]/g, '[$&]')

/** A file as a query names it. */
export const fileLiteral = (file: string): string => literal(asItIs(file))

/** A Parquet file with its own columns: of a folder `year=2026` DuckDB makes one, which goes before one of the file. */
export const parquetFile = (file: string, options = ''): string =>
  `read_parquet(${fileLiteral(file)}, hive_partitioning = false${options && `, ${options}`})`

/** @throws {BadInput} where there is no place for what is beyond its memory */
async function scratchFolder(): Promise<string> {
  const folder = tmpdir()
  try {
    return await mkdtemp(path.join(folder, 'inference-gap-rows-'))
  } catch (error) {
    throw new BadInput(
      `${folder} cannot be written to, where rows are put aside: ${reasonOf(error)}`,
      'Let TMPDIR name a folder that can be written',
    )
  }
}

/** Nothing of it is left when this returns, however it returns. */
export async function withDuckDb<T>(work: (db: DuckDb) => Promise<T>): Promise<T> {
  // Its library is large: only who needs it loads it.
  const api = await import('@duckdb/node-api')
  const scratch = await scratchFolder()
  const remove = () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 })
  // Who is interrupted does not come to the end of this.
  process.once('exit', remove)
  try {
    // In a file: what is beyond its memory then lies there, compressed.
    const instance = await api.DuckDBInstance.create(path.join(scratch, 'rows.db'), {
      ...bounds,
      temp_directory: scratch,
      // It would fetch extensions from the Internet where a file asks for one.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    })
    try {
      const connection = await instance.connect()
      try {
        return await work(over(connection, api.JSDuckDBValueConverter, exactly(api)))
      } finally {
        connection.closeSync()
      }
    } finally {
      instance.closeSync()
    }
  } finally {
    process.off('exit', remove)
    await rm(scratch, { recursive: true, force: true })
  }
}
