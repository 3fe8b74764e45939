/** The flights in Postgres: table, COPY, index, and the proof that the table holds the CSV's rows. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Client } from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { keyColumns } from '../workload/flights.ts'
import { columns, label } from './flights.ts'
import { csvFile } from './prepared.ts'

const small = new Set(['year', 'quarter', 'month', 'dayofweek', 'dayofmonth'])

function typeOf(column: (typeof columns)[number]): string {
  if (column === label) return 'real'
  return small.has(column) ? 'smallint' : 'integer'
}

/** Replaces the table `flights` with the CSV's rows, in its order, and indexes it by key. */
export async function loadIntoPostgres(client: Client, progress: (what: string) => void): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query('DROP TABLE IF EXISTS flights')
    await client.query(
      `CREATE TABLE flights (${columns.map((column) => `${column} ${typeOf(column)} NOT NULL`).join(', ')})`,
    )
    progress('copying')
    await pipeline(
      createReadStream(csvFile),
      client.query(copyFrom(`COPY flights (${columns.join(', ')}) FROM STDIN (FORMAT csv, HEADER)`)),
    )
    progress('indexing')
    await client.query(`CREATE INDEX flights_key ON flights (${keyColumns.join(', ')})`)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
  await client.query('VACUUM (FREEZE, ANALYZE) flights')
}

/** SHA-256 of the table as CSV without header, in the order in which the rows were loaded. */
export async function digestOfPostgres(client: Client): Promise<string> {
  const hash = createHash('sha256')
  const order = 'SET LOCAL synchronize_seqscans = off; SET LOCAL max_parallel_workers_per_gather = 0'
  await client.query(`BEGIN READ ONLY; ${order}`)
  try {
    await pipeline(
      client.query(copyTo(`COPY (SELECT ${columns.join(', ')} FROM flights) TO STDOUT (FORMAT csv)`)),
      hash,
    )
  } finally {
    await client.query('ROLLBACK')
  }
  return hash.digest('hex')
}
