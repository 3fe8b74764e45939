import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import type { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Dataset } from '../workload/dataset.ts'
import { datasetSchema } from './description.ts'
import { digestOfCsv } from './digest.ts'
import { SumOfHashes } from './hashes.ts'
import { besideTable, digestOfPostgres, loadIntoPostgres } from './postgres.ts'
import { preparedIn } from './prepared.ts'

/** A key of two columns, of which one is a text and there for the key alone. */
const dataset: Dataset = {
  name: 'visits',
  columns: [
    { name: 'day', type: 'smallint' },
    { name: 'age', type: 'real', nullable: true },
    { name: 'Left', type: 'smallint' },
    { name: 'who', type: 'text' },
  ],
  features: ['day', 'age'],
  target: 'Left',
  key: ['who', 'day'],
  task: 'classification',
  hyperparameters: {},
  testSize: 0.25,
}
const lines = ['1,,0,"a"', '2,0.5,1,"b, ""c"""', '3,-1,1,"two\nlines"']

let folder: string
const prepared = () => preparedIn(folder, dataset)
const write = (rows: string[]) => writeFile(prepared().csv, ['day,age,Left,who', ...rows, ''].join('\n'))
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'a load '))
})
afterAll(() => rm(folder, { recursive: true }))

/** A database that takes down what it is told, and answers with so many blocks and, for each part of them, with what is given. */
function database({
  blocks = 0,
  parts = [],
  failsAt,
}: {
  blocks?: number
  parts?: { count: string; sum: string }[]
  failsAt?: string
} = {}) {
  const told: string[] = []
  const given: unknown[] = []
  const copied = { text: '' }
  const query = (what: string | { text: string }, values?: unknown[]) => {
    const text = typeof what === 'string' ? what : what.text
    told.push(text)
    if (failsAt && text.startsWith(failsAt)) throw new Error(`${failsAt}: refused`)
    if (values) given.push(values)
    if (text.includes('AS blocks')) return Promise.resolve({ rows: [{ blocks: String(blocks) }] })
    if (text.startsWith('SELECT count')) return Promise.resolve({ rows: [parts.shift()] })
    if (typeof what === 'string') return Promise.resolve({ rows: [] })
    const stream = new PassThrough()
    stream.on('data', (chunk) => {
      copied.text += String(chunk)
    })
    return stream
  }
  return { client: { query } as unknown as Client, told, given, copied }
}

test('the table is made anew in one transaction, from the file itself, and indexed by key when the rows are there', async () => {
  await write(lines)
  const { client, told, copied } = database()
  const steps: string[] = []
  await loadIntoPostgres(client, prepared(), { rows: 3, progress: (what) => steps.push(what) })
  expect(told).toEqual([
    // What it took on the disk is free before the rows come.
    'DROP TABLE IF EXISTS visits CASCADE',
    'BEGIN',
    'CREATE TABLE visits (day smallint NOT NULL, age real, "Left" smallint NOT NULL, who text NOT NULL)',
    'COPY visits (day, age, "Left", who) FROM STDIN (FORMAT csv, HEADER, FREEZE)',
    'CREATE INDEX "visits key" ON visits (who, day)',
    'CREATE VIEW "visits training" AS SELECT day, age, "Left" FROM visits',
    'COMMIT',
    'VACUUM (ANALYZE) visits',
  ])
  expect(copied.text).toBe(['day,age,Left,who', ...lines, ''].join('\n'))
  expect(steps).toEqual(['copying', 'indexing', 'gathering statistics'])
})

// All tables lie in one database: of visits_training.csv beside visits.csv Postgres would say that there is such a relation.
test('what belongs to a table is called as no other table can be', () => {
  const longest = { ...dataset, name: 'x'.repeat(40) }
  expect(datasetSchema.safeParse(longest).success).toBe(true)
  for (const name of Object.values(besideTable(longest))) {
    expect(datasetSchema.safeParse({ ...dataset, name }).success).toBe(false)
    expect(Buffer.byteLength(name)).toBeLessThan(64)
  }
  expect(new Set(Object.values(besideTable(longest))).size).toBe(2)
})

test('a load that fails is undone, and tells its own reason though the connection is gone', async () => {
  await write(lines)
  const { client, told } = database({ failsAt: 'CREATE INDEX' })
  const loading = { rows: 3, progress: () => {} }
  await expect(loadIntoPostgres(client, prepared(), loading)).rejects.toThrow('CREATE INDEX: refused')
  expect(told.at(-1)).toBe('ROLLBACK')
  const gone = database({ failsAt: 'CREATE TABLE' })
  const query = gone.client.query.bind(gone.client) as (what: string) => unknown
  const lost = {
    query: (what: string) =>
      what === 'ROLLBACK' ? Promise.reject(new Error('connection lost')) : query(what),
  } as unknown as Client
  await expect(loadIntoPostgres(lost, prepared(), loading)).rejects.toThrow('CREATE TABLE: refused')
})

test('a load that is ended sends no more rows', async () => {
  await write(lines)
  const { client, told, copied } = database()
  const signal = AbortSignal.abort(new Error('ended'))
  await expect(
    loadIntoPostgres(client, prepared(), { rows: 3, progress: () => {}, signal }),
  ).rejects.toThrow()
  expect(copied.text).toBe('')
  expect(told.at(-1)).toBe('ROLLBACK')
})

test('how far the index is comes from another connection', async () => {
  await write(lines)
  const { client } = database()
  const asked: string[] = []
  const watcher = {
    query: async (text: string) => {
      asked.push(text)
      throw new Error('gone')
    },
  } as unknown as Client
  await loadIntoPostgres(client, prepared(), { rows: 3, progress: () => {}, watcher })
  expect(asked.join()).toContain('pg_stat_progress_create_index')
})

test("the server sums up a part of the table at a time, each row as the file's line with its place", async () => {
  const { client, told, given } = database({
    blocks: 8193,
    parts: [
      { count: '5', sum: '18446744073709551615' },
      { count: '2', sum: '-10' },
    ],
  })
  const shares: number[] = []
  const found = await digestOfPostgres(client, dataset, (share) => shares.push(share))
  expect(found).toEqual({ count: 7, sum: 'fffffffffffffff5' })
  expect(given).toEqual([
    ['0', '(0,0)', '(8192,0)'],
    ['5', '(8192,0)', '(16384,0)'],
  ])
  expect(shares).toEqual([8192 / 8193, 1])
  expect(told[2]).toContain(
    `concat_ws(',', day, coalesce((age)::text, ''), "Left", '"' || replace(who, '"', '""') || '"')`,
  )
  expect(told.at(-1)).toBe('ROLLBACK')
})

test('a digest that fails leaves no transaction open', async () => {
  const { client, told } = database({ blocks: 1, failsAt: 'SELECT count' })
  await expect(digestOfPostgres(client, dataset)).rejects.toThrow('SELECT count: refused')
  expect(told.at(-1)).toBe('ROLLBACK')
})

test('the digest of the file counts rows, not lines, and not the header', async () => {
  await write(lines)
  const sum = new SumOfHashes()
  lines.forEach((line, index) => {
    sum.add(Buffer.from(line), 0, Buffer.byteLength(line), index + 1)
  })
  expect(await digestOfCsv(prepared())).toEqual(sum.value())
})

test('rows that lie across two parts of the file are read as one', async () => {
  const many = Array.from({ length: 60_000 }, (_, index) => `${index % 100},0.5,1,"person number ${index}"`)
  await write(many)
  const sum = new SumOfHashes()
  many.forEach((line, index) => {
    sum.add(Buffer.from(line), 0, Buffer.byteLength(line), index + 1)
  })
  const said: string[] = []
  expect(await digestOfCsv(prepared(), (what) => said.push(what))).toEqual(sum.value())
  expect(said.length).toBeGreaterThan(1)
  expect(said.at(-1)).toBe('reading the CSV: 100 %')
})

test.each([
  ['one value', (rows: string[]) => rows.with(1, '2,0.25,1,"b, ""c"""')],
  ['one row missing', (rows: string[]) => rows.toSpliced(1, 1)],
  ['one row twice', (rows: string[]) => rows.toSpliced(1, 0, rows[1] as string)],
  [
    'two rows in each other’s place',
    (rows: string[]) => [rows[1] as string, rows[0] as string, rows[2] as string],
  ],
])('a file that differs by %s has another digest', async (_, change) => {
  await write(lines)
  const { count, sum } = await digestOfCsv(prepared())
  await write(change(lines))
  const other = await digestOfCsv(prepared())
  expect([other.count, other.sum]).not.toEqual([count, sum])
  expect(other.sum).not.toBe(sum)
})
