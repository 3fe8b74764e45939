/** A dataset in Postgres: table, COPY, index, and the proof that the table holds the CSV's rows. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Client } from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import type { Column, Dataset } from '../workload/dataset.ts'
import { identifier } from '../workload/identifier.ts'
import { quotedColumns } from './csv.ts'
import type { Prepared } from './prepared.ts'

const listed = (names: readonly string[]) => names.map(identifier).join(', ')
const columnsOf = ({ columns }: Dataset) => listed(columns.map(({ name }) => name))

const declared = ({ name, type, nullable }: Column) =>
  `${identifier(name)} ${type}${nullable ? '' : ' NOT NULL'}`

/** Columns that are there for the key alone, so that a model is not to be trained on them. */
const isForKeyAlone =
  ({ features, target }: Dataset) =>
  ({ name }: Column) =>
    name !== target && !features.includes(name)

/** What a model is trained on: the table, or a view without the columns that are no features. */
export const trainedOn = (dataset: Dataset): string =>
  dataset.columns.some(isForKeyAlone(dataset)) ? `${dataset.name}_training` : dataset.name

/** Replaces the dataset's table with the CSV's rows, in its order, and indexes it by key. */
export async function loadIntoPostgres(
  client: Client,
  { dataset, csv }: Prepared,
  progress: (what: string) => void,
): Promise<void> {
  const table = identifier(dataset.name)
  const view = trainedOn(dataset)
  await client.query('BEGIN')
  try {
    await client.query(`DROP TABLE IF EXISTS ${table} CASCADE`)
    await client.query(`CREATE TABLE ${table} (${dataset.columns.map(declared).join(', ')})`)
    progress('copying')
    await pipeline(
      createReadStream(csv),
      client.query(copyFrom(`COPY ${table} (${columnsOf(dataset)}) FROM STDIN (FORMAT csv, HEADER)`)),
    )
    progress('indexing')
    await client.query(
      `CREATE INDEX ${identifier(`${dataset.name}_key`)} ON ${table} (${listed(dataset.key)})`,
    )
    if (view !== dataset.name)
      await client.query(
        `CREATE VIEW ${identifier(view)} AS SELECT ${listed([...dataset.features, dataset.target])} FROM ${table}`,
      )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
  await client.query(`VACUUM (FREEZE, ANALYZE) ${table}`)
}

/** SHA-256 of the table as CSV without header, in the order in which the rows were loaded. */
export async function digestOfPostgres(client: Client, dataset: Dataset): Promise<string> {
  const hash = createHash('sha256')
  const order = 'SET LOCAL synchronize_seqscans = off; SET LOCAL max_parallel_workers_per_gather = 0'
  const quoted = quotedColumns(dataset)
  const options = ['FORMAT csv', ...(quoted.length > 0 ? [`FORCE_QUOTE (${listed(quoted)})`] : [])]
  await client.query(`BEGIN READ ONLY; ${order}`)
  try {
    await pipeline(
      client.query(
        copyTo(
          `COPY (SELECT ${columnsOf(dataset)} FROM ${identifier(dataset.name)}) TO STDOUT (${options.join(', ')})`,
        ),
      ),
      hash,
    )
  } finally {
    await client.query('ROLLBACK')
  }
  return hash.digest('hex')
}
