/** A dataset in Postgres: table, COPY, index, and the proof that the table holds the CSV's rows. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Progress } from '../build/step.ts'
import type { Column, Dataset } from '../workload/dataset.ts'
import { identifier, literal } from '../workload/identifier.ts'
import { hexadecimal, type Sum } from './hashes.ts'
import { pace } from './pace.ts'
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

/** Names of what belongs to a table. No dataset has a space in its own, so that none of them is the table of another. */
export const besideTable = ({ name }: Dataset) => ({ index: `${name} key`, view: `${name} training` })

/** What a model is trained on: the table, or a view without the columns that are no features. */
export const trainedOn = (dataset: Dataset): string =>
  dataset.columns.some(isForKeyAlone(dataset)) ? besideTable(dataset).view : dataset.name

export const tableStatement = (dataset: Dataset): string =>
  `CREATE TABLE ${identifier(dataset.name)} (${dataset.columns.map(declared).join(', ')})`

/** In the transaction that makes the table: its rows are then written once, as frozen ones, and not to the log besides. */
export const copyStatement = (dataset: Dataset): string =>
  `COPY ${identifier(dataset.name)} (${columnsOf(dataset)}) FROM STDIN (FORMAT csv, HEADER, FREEZE)`

export interface Loading {
  /** In the CSV. */
  rows: number
  progress: Progress
  /** Another connection, which sees how far the index is. */
  watcher?: Client
  signal?: AbortSignal | undefined
}

/** Into the table that the same transaction has made. */
export async function copyRows(client: Client, { dataset, csv }: Prepared, loading: Loading): Promise<void> {
  const { size } = await stat(csv)
  const tell = pace(loading.progress, 'copying', loading.rows)
  let sent = 0
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      sent += chunk.length
      tell(sent / size)
      done(null, chunk)
    },
  })
  await pipeline(
    createReadStream(csv, { highWaterMark: 2 ** 18 }),
    counted,
    client.query(copyFrom(copyStatement(dataset))),
    { ...(loading.signal && { signal: loading.signal }) },
  )
}

/** Reading the table is the one half of the work, writing what was sorted the other. */
const progressOfIndex = `SELECT coalesce(blocks_done::float8 / nullif(blocks_total, 0), 0) / 2
    + coalesce(tuples_done::float8 / nullif(tuples_total, 0), 0) / 2 AS share FROM pg_stat_progress_create_index`

async function index(client: Client, dataset: Dataset, { rows, progress, watcher }: Loading): Promise<void> {
  const tell = pace(progress, 'indexing', rows)
  const done = new AbortController()
  const watching = async () => {
    while (watcher && !done.signal.aborted) {
      const { rows: found } = await watcher.query<{ share: number }>(progressOfIndex)
      if (found[0]) tell(found[0].share)
      await sleep(500, undefined, { signal: done.signal })
    }
  }
  const watched = watching().catch(() => {}) // whoever waits for an index can do without
  try {
    await client.query(
      `CREATE INDEX ${identifier(besideTable(dataset).index)} ON ${identifier(dataset.name)} (${listed(dataset.key)})`,
    )
  } finally {
    done.abort()
    await watched
  }
}

/** Replaces the dataset's table with the CSV's rows, in its order, and indexes it by key. */
export async function loadIntoPostgres(client: Client, prepared: Prepared, loading: Loading): Promise<void> {
  const { dataset } = prepared
  const table = identifier(dataset.name)
  const view = trainedOn(dataset)
  // Before: the room that it takes is for the new one.
  await client.query(`DROP TABLE IF EXISTS ${table} CASCADE`)
  await client.query('BEGIN')
  try {
    await client.query(tableStatement(dataset))
    await copyRows(client, prepared, loading)
    await index(client, dataset, loading)
    if (view !== dataset.name)
      await client.query(
        `CREATE VIEW ${identifier(view)} AS SELECT ${listed([...dataset.features, dataset.target])} FROM ${table}`,
      )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
  loading.progress('gathering statistics')
  await client.query(`VACUUM (ANALYZE) ${table}`)
}

/** A row as its line in the CSV has it. */
function lineOf({ columns }: Dataset): string {
  const texts = columns.map(({ name, type, nullable }) => {
    const column = identifier(name)
    const text = type === 'text' ? `'"' || replace(${column}, '"', '""') || '"'` : column
    return nullable ? `coalesce((${text})::text, '')` : text
  })
  return `concat_ws(',', ${texts.join(', ')})`
}

/** Blocks of a table that are summed up at a time. */
const blocksAtOnce = 8192

/** The digest of the table's rows, in the order in which they lie there, computed by the server. */
export async function digestOfPostgres(
  client: Client,
  dataset: Dataset,
  progress: (share: number) => void = () => {},
): Promise<Sum> {
  const table = identifier(dataset.name)
  let [count, sum] = [0n, 0n]
  await client.query('BEGIN READ ONLY; SET LOCAL max_parallel_workers_per_gather = 0')
  try {
    const { rows: size } = await client.query<{ blocks: string }>(
      `SELECT pg_relation_size(${literal(table)}) / current_setting('block_size')::bigint AS blocks`,
    )
    const blocks = Number(size[0]?.blocks)
    for (let from = 0; from < blocks; from += blocksAtOnce) {
      const { rows } = await client.query<{ count: string; sum: string }>(
        `SELECT count(*), coalesce(sum(hashtextextended(line, place)), 0) AS sum
         FROM (SELECT ${lineOf(dataset)} AS line, $1 + row_number() OVER () AS place
           FROM ${table} WHERE ctid >= $2::tid AND ctid < $3::tid) AS placed`,
        [String(count), `(${from},0)`, `(${from + blocksAtOnce},0)`],
      )
      count += BigInt(rows[0]?.count ?? 0)
      sum += BigInt(rows[0]?.sum ?? 0)
      progress(Math.min(1, (from + blocksAtOnce) / blocks))
    }
  } finally {
    await client.query('ROLLBACK')
  }
  return { count: Number(count), sum: hexadecimal(sum) }
}
