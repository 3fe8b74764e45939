/** Features of a key change: in Postgres a row is updated; in the feature store a list's first row, or a packed one, is written anew. */
import { BadInput } from '../../build/failure.ts'
import type { DatasetKey } from '../../datasets/prepared.ts'
import { mostWriters } from '../../workload/changes.ts'
import type { Dataset } from '../../workload/dataset.ts'
import { identifier } from '../../workload/identifier.ts'
import { firstRowsQuery } from '../../workload/queries.ts'
import { postgresAddress } from '../address/postgres.ts'
import type { Change, Changes, State } from '../changes.ts'
import { closeClient, openClient } from '../postgres/client.ts'
import { openRedis } from '../python/feature-store.ts'
import type { Stack } from '../stack.ts'

/** Values of a row's features; null: missing. */
type Row = readonly (number | null)[]

/** Holds a row for each key, so that which row is the first one stays when it is updated: it is found in the place of the table itself. */
const schema = 'changing'

/** Where the feature store keeps the rows of a key: as service/feature_store.py names it. */
const listName = ({ name }: Dataset, key: DatasetKey): string =>
  [
    name,
    ...key.map((part) =>
      typeof part === 'string' ? part.replaceAll('%', '%25').replaceAll(':', '%3A') : String(part),
    ),
  ].join(':')

/** Rows by state: those that are there, and the same with what the next key has in all columns that are no part of a key. */
function bothRows(
  rows: readonly Row[],
  { features, key }: Dataset,
): readonly [readonly Row[], readonly Row[]] {
  const others = rows.map((row, at) => {
    const next = rows[(at + 1) % rows.length] as Row
    return row.map((value, column) =>
      key.includes(features[column] as string) ? value : (next[column] ?? null),
    )
  })
  return [rows, others]
}

/** Writes one key's row, or those of all keys. */
const written = (
  rows: readonly [readonly Row[], readonly Row[]],
  how: string,
  write: (key: number, row: Row) => Promise<unknown>,
): Change => ({
  how,
  to: async (state: State, key: number) => {
    if (key >= 0) await write(key, rows[state][key] as Row)
    else for (const [at, row] of rows[state].entries()) await write(at, row)
  },
})

const packed = (row: Row) => Buffer.from(Float32Array.from(row, (value) => value ?? Number.NaN).buffer)

/** @param keys that are asked for */
export async function newFeatures(stack: Stack, keys: readonly DatasetKey[]): Promise<Changes> {
  const { dataset } = stack.prepared
  const changing = dataset.features.filter((name) => !dataset.key.includes(name))
  if (changing.length === 0)
    throw new BadInput(
      'every feature is a part of the key, so there is none that could change',
      'Name other columns by --features',
    )
  const { postgres, featureStore } = stack.running()
  const address = postgresAddress(postgres.url)
  const opened: (() => Promise<void>)[] = []
  const undo = async () => {
    for (const close of opened.reverse()) await close()
  }
  try {
    // A connection for each who writes: on one they would wait for each other.
    const clients: Awaited<ReturnType<typeof openClient>>[] = []
    for (let writer = 0; writer < mostWriters; writer++) {
      const one = await openClient(address)
      clients.push(one)
      opened.push(() => closeClient(one))
    }
    const client = clients[0] as (typeof clients)[number]
    const [lists, values] = [await openRedis(featureStore.url), await openRedis(featureStore.packed.url)]
    opened.push(async () => {
      for (const redis of [lists, values]) redis.destroy()
    })

    const names = keys.map((key) => listName(dataset, key))
    const first = await Promise.all(names.map((name) => lists.lIndex(name, 0)))
    const rows = bothRows(
      first.map((row) => JSON.parse(String(row)) as Row),
      dataset,
    )
    const table = `${schema}.${identifier(dataset.name)}`
    const drop = () => client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
    await drop()
    opened.push(async () => void (await drop().catch(() => {})))
    await client.query(`CREATE SCHEMA ${schema}`)
    // Room for the next version of a row beside it.
    await client.query(`CREATE TABLE ${table} (LIKE ${identifier(dataset.name)}) WITH (fillfactor = 50)`)
    await client.query(
      `INSERT INTO ${table} ${firstRowsQuery(dataset)}`,
      dataset.key.map((_, column) => keys.map((key) => key[column])),
    )
    await client.query(`ALTER TABLE ${table} ADD PRIMARY KEY (${dataset.key.map(identifier).join(', ')})`)
    await client.query(`ANALYZE ${table}`)
    const places = changing.map((name) => dataset.features.indexOf(name))
    const update = {
      name: 'write',
      text: `UPDATE ${table} SET ${changing.map((name, at) => `${identifier(name)} = $${at + 1}`).join(', ')}
        WHERE ${dataset.key.map((name, at) => `${identifier(name)} = $${changing.length + at + 1}`).join(' AND ')}`,
    }
    return {
      by: {
        POSTGRES_URL: written(
          rows,
          `UPDATE of one row of ${keys.length}, a row for each key`,
          async (key, row) =>
            clients[key % clients.length]?.query({
              ...update,
              values: [...places.map((place) => row[place]), ...(keys[key] as DatasetKey)],
            }),
        ),
        PYTHON_URL: written(rows, "LSET of a list's first row, as JSON", (key, row) =>
          lists.lSet(names[key] as string, 0, JSON.stringify(row)),
        ),
        PYTHON_FAST_URL: written(rows, 'SET of a packed row', (key, row) =>
          values.sendCommand(['SET', names[key] as string, packed(row)]),
        ),
      },
      addresses: { POSTGRES_URL: address.with({ options: `-c search_path=${schema},public` }) },
      undo,
    }
  } catch (error) {
    await undo()
    throw error
  }
}
