/**
 * DuckDB inside this process: reads, codes and writes rows out of core. What passes through Node is a part of them at a time, and
 * what DuckDB holds is bounded.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import type { DuckDBConnection, JS } from '@duckdb/node-api'

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
}

const over = (connection: DuckDBConnection): DuckDb => ({
  run: async (sql) => void (await connection.run(sql)),
  rows: async (sql) => (await connection.runAndReadAll(sql)).getRowsJS(),
  stream: async function* (sql) {
    for await (const rows of (await connection.stream(sql)).yieldRowsJs()) yield rows
  },
})

/** Nothing of it is left when this returns, however it returns. */
export async function withDuckDb<T>(work: (db: DuckDb) => Promise<T>): Promise<T> {
  // Its library is large: only who needs it loads it.
  const { DuckDBInstance } = await import('@duckdb/node-api')
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
        return await work(over(connection))
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
