/** Rows on the real servers: proven to be the file's, told before how much room they take, and loaded anew after an interruption. */
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Client } from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { inCache } from '../build/paths.ts'
import { exitCode } from '../cli/exit-codes.ts'
import { writePrepared } from '../datasets/csv.ts'
import { digestOfCsv } from '../datasets/digest.ts'
import { withDuckDb } from '../datasets/duckdb.ts'
import { ensureLists } from '../datasets/lists.ts'
import { besideTable, digestOfPostgres, loadIntoPostgres } from '../datasets/postgres.ts'
import { type Prepared, preparedIn } from '../datasets/prepared.ts'
import { digestOfRedis, loadIntoRedis, type Redis } from '../datasets/redis.ts'
import { extentOf, listsBytes, postgresBytes, storeBytes } from '../datasets/room.ts'
import { withClient } from '../targets/postgres/client.ts'
import { type PostgresServer, startPostgres } from '../targets/postgres/server.ts'

import { type FeatureStore, startFeatureStore, withRedis } from '../targets/python/feature-store.ts'
import type { Dataset } from '../workload/dataset.ts'
import { flights } from '../workload/flights.ts'
import { identifier } from '../workload/identifier.ts'
import { inferenceGap, interrupted, leftBehind } from './program.ts'

const home = inCache('tests', 'loading')
let postgres: PostgresServer
let store: FeatureStore
beforeAll(async () => {
  await rm(home, { recursive: true, force: true })
  await mkdir(home, { recursive: true })
  postgres = await startPostgres({ home: path.join(home, 'postgres') })
  store = await startFeatureStore({ home: path.join(home, 'redis') })
})
afterAll(async () => {
  await store?.stop()
  await postgres?.stop()
  await rm(home, { recursive: true, force: true })
})

const progress = () => {}

/** Rows of the flights' columns, a key for each 40. */
const flightsOf = (
  rows: number,
) => `SELECT 2000 + i // 200000 AS year, 1 + i % 4 AS quarter, 1 + i // 40 % 12 AS month,
  hash(i) % 4900 AS distance, 1 + i % 7 AS dayofweek, 1 + i // 480 % 28 AS dayofmonth, hash(i, 1) % 8500 AS flight_number_operating_airline,
  1 + i // 13440 % 100 AS originairportid, hash(i, 2) % 107 AS destairportid, hash(i, 3) % 4038 AS tail_number,
  hash(i, 4) % 180 AS depdelayminutes
  FROM range(${rows}) AS numbers (i)`

/** A row a key, texts that need their quotes, and values that are missing. */
const customers: Dataset = {
  name: 'customers',
  columns: [
    { name: 'age', type: 'smallint', nullable: true },
    { name: 'spent', type: 'real', nullable: true },
    { name: 'rate', type: 'double precision' },
    { name: 'churned', type: 'smallint' },
    { name: 'id', type: 'text' },
  ],
  features: ['age', 'spent', 'rate'],
  target: 'churned',
  key: ['id'],
  task: 'classification',
  hyperparameters: {},
  testSize: 0.25,
}
const customersOf = (rows: number) => `SELECT CASE WHEN i % 3 > 0 THEN i % 90 END AS age,
  CASE WHEN i % 5 > 0 THEN (hash(i) % 100000 + 0.25)::FLOAT END AS spent, (hash(i, 1) % 1000003 + 0.5) / 7e9 AS rate,
  i % 2 AS churned, 'Nº "' || i || '", ' || repeat('x', i % 30) || CASE WHEN i % 50 = 0 THEN chr(10) ELSE '' END AS id FROM range(${rows}) AS numbers (i)`

async function prepared(dataset: Dataset, query: string, rows: number): Promise<Prepared> {
  const made = preparedIn(path.join(home, `${dataset.name}-${rows}`), dataset)
  await mkdir(path.dirname(made.csv), { recursive: true })
  await withDuckDb((db) => writePrepared(db, made, query, {}))
  return made
}

const kinds = [
  { dataset: flights, of: flightsOf },
  { dataset: customers, of: customersOf },
]

test.each(kinds)('the table of $dataset.name is the file, and no other one is', async ({ dataset, of }) => {
  const made = await prepared(dataset, of(5000), 5000)
  const digest = await digestOfCsv(made)
  expect(digest.count).toBe(5000)
  await withClient(postgres.url, async (client) => {
    await loadIntoPostgres(client, made, { rows: 5000, progress })
    expect(await digestOfPostgres(client, dataset)).toEqual(digest)
    const { name, target } = dataset
    const columns = dataset.columns.map((column) => column.name).join(', ')
    const chosen = `(SELECT ctid FROM ${name} OFFSET 1234 LIMIT 1)`
    const changes = {
      'one value': `UPDATE ${name} SET ${target} = ${target} + 1 WHERE ctid = ${chosen}`,
      'one row missing': `DELETE FROM ${name} WHERE ctid = ${chosen}`,
      'one row twice': `INSERT INTO ${name} SELECT * FROM ${name} WHERE ctid = ${chosen}`,
      'one row in another place': `WITH taken AS (DELETE FROM ${name} WHERE ctid = ${chosen} RETURNING *)
        INSERT INTO ${name} SELECT ${columns} FROM taken`,
    }
    for (const [what, change] of Object.entries(changes)) {
      await loadIntoPostgres(client, made, { rows: 5000, progress })
      await client.query(change)
      const found = await digestOfPostgres(client, dataset)
      expect(found.sum, what).not.toBe(digest.sum)
    }
  })
})

test.each(kinds)("the store's lists of $dataset.name are the file's, and no others are", async ({
  dataset,
  of,
}) => {
  const made = await prepared(dataset, of(5000), 5000)
  const { lists } = await ensureLists(made, await digestOfCsv(made), {
    progress,
    folder: path.dirname(made.csv),
  })
  await withRedis(store.url, async (redis) => {
    await loadIntoRedis(store.url, lists, progress)
    expect(await digestOfRedis(redis)).toEqual({ digest: lists.digest, rows: 5000 })
    const [name] = (await redis.scan('0')).keys.map(String) as [string]
    const changes: Record<string, (redis: Redis) => Promise<unknown>> = {
      'one value': () => redis.lSet(name, 0, '[1]'),
      'one row missing': () => redis.lPop(name),
      'one row twice': () => redis.rPush(name, '[1]'),
      'one order inside a list': async () => {
        await redis.rPush(name, ['[1]', '[2]'])
        const before = (await digestOfRedis(redis)).digest.sum
        await redis.lSet(name, -1, '[1]')
        await redis.lSet(name, -2, '[2]')
        expect((await digestOfRedis(redis)).digest.sum).not.toBe(before)
      },
      'one list more': () => redis.rPush('another', '[1]'),
    }
    for (const [what, change] of Object.entries(changes)) {
      await loadIntoRedis(store.url, lists, progress)
      await change(redis)
      expect((await digestOfRedis(redis)).digest.sum, what).not.toBe(lists.digest.sum)
    }
  })
})

const asNumber = async (client: Client, sql: string) =>
  Number((await client.query(`SELECT ${sql} AS value`)).rows[0].value)

test.each([
  { ...kinds[0], rows: 30_000 },
  { ...kinds[0], rows: 300_000 },
  { ...kinds[1], rows: 30_000 },
  { ...kinds[1], rows: 300_000 },
] as {
  dataset: Dataset
  of: (rows: number) => string
  rows: number
}[])('the room of $rows $dataset.name is what was told before', async ({ dataset, of, rows }) => {
  const made = await prepared(dataset, of(rows), rows)
  const extent = await extentOf(made, rows)
  const told = postgresBytes(extent)
  await withClient(postgres.url, async (client) => {
    const before = (await client.query('SELECT pg_current_wal_lsn() AS lsn')).rows[0].lsn
    await loadIntoPostgres(client, made, { rows, progress })
    const table = await asNumber(client, `pg_table_size('${dataset.name}')`)
    const index = await asNumber(client, `pg_relation_size('${identifier(besideTable(dataset).index)}')`)
    const log = await asNumber(client, `pg_wal_lsn_diff(pg_current_wal_lsn(), '${before}')`)
    expect(told.table / table).toBeGreaterThan(0.95)
    expect(told.table / table).toBeLessThan(1.1)
    expect(told.index / index).toBeGreaterThan(0.95)
    expect(told.index / index).toBeLessThan(1.15)
    expect(log).toBeLessThan(told.log)
  })
  const { lists } = await ensureLists(made, await digestOfCsv(made), {
    progress,
    folder: path.dirname(made.csv),
  })
  await withRedis(store.url, async (redis) => {
    // What is freed later would be missing here.
    await redis.flushDb('SYNC')
    const used = async () => Number(/used_memory:(\d+)/.exec(String(await redis.info('memory')))?.[1])
    const before = await used()
    await loadIntoRedis(store.url, lists, progress)
    const memory = (await used()) - before
    expect(storeBytes(extent) / memory).toBeGreaterThan(0.95)
    expect(storeBytes(extent) / memory).toBeLessThan(1.25)
  })
})

const bytesIn = async (folder: string) => {
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const sizes = files
    .filter((file) => file.isFile())
    .map(
      async (file) => (await stat(path.join(file.parentPath, file.name)).catch(() => undefined))?.blocks ?? 0,
    )
  return 512 * (await Promise.all(sizes)).reduce((sum, blocks) => sum + blocks, 0)
}

test('the disk that sorting takes is what was told before', async () => {
  const rows = 1_000_000
  const made = await prepared(flights, flightsOf(rows), rows)
  const told = listsBytes(await extentOf(made, rows))
  const scratch = path.join(home, 'scratch')
  await mkdir(scratch)
  vi.stubEnv('TMPDIR', scratch)
  let most = 0
  const looks = setInterval(async () => {
    most = Math.max(most, await bytesIn(scratch))
  }, 50)
  try {
    const { lists } = await ensureLists(made, await digestOfCsv(made), {
      progress,
      folder: path.dirname(made.csv),
    })
    const commands = (await stat(lists.commands)).size
    expect(told.commands / commands).toBeGreaterThan(0.98)
    expect(told.commands / commands).toBeLessThan(1.02)
  } finally {
    clearInterval(looks)
    vi.unstubAllEnvs()
  }
  // More than fits into memory.
  expect(most).toBeGreaterThan(20e6)
  expect(told.temporary).toBeGreaterThan(most)
  expect(told.temporary).toBeLessThan(3 * most)
  expect(await bytesIn(scratch)).toBe(0)
})

test('a load that is ended by Ctrl-C leaves nothing behind, and the next start loads all rows', async () => {
  const { csv } = await prepared(flights, flightsOf(400_000), 400_000)
  const key = flights.key.join(',')
  const table = [
    '--data',
    csv,
    '--target',
    flights.target,
    '--key',
    key,
    '--hyperparams',
    '{"n_estimators":2}',
  ]
  for (const [at, step] of [
    ['copying', 'Load the rows into Postgres'],
    ['sorting', 'Sort the rows for the feature store'],
    ['sending', 'Load the rows into the feature store'],
  ] as const) {
    const ended = await interrupted(['check', ...table], at, 'SIGINT', { after: 0 })
    expect(ended.code, ended.output).toBe(exitCode.interrupted)
    expect(ended.output).not.toContain(`✔ ${step}`)
    expect(await leftBehind()).toEqual([])
  }
  const whole = await inferenceGap('check', ...table)
  expect(whole.code, whole.output).toBe(exitCode.pass)
  expect(whole.output).toContain('400,000 of them')
  const again = await inferenceGap('check', ...table, '--store-rows', '4000')
  expect(again.code, again.output).toBe(exitCode.pass)
  expect(again.output).toMatch(/✔ Load the rows into Postgres \(as before/)
  expect(again.output).toMatch(/✔ Sort the rows for the feature store \(\d/)
})
