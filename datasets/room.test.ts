import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Failure } from '../build/failure.ts'
import type { Dataset } from '../workload/dataset.ts'
import { withDuckDb } from './duckdb.ts'
import { preparedIn } from './prepared.ts'
import {
  type Extent,
  extentOf,
  listsBytes,
  partOf,
  postgresBytes,
  refuseSmallDisk,
  refuseSmallMemory,
  refuseSmallSort,
  storeBytes,
} from './room.ts'

const dataset: Dataset = {
  name: 't',
  columns: [
    { name: 'a', type: 'smallint' },
    { name: 'b', type: 'integer', nullable: true },
    { name: 'y', type: 'double precision' },
    { name: 'k', type: 'text' },
  ],
  features: ['a', 'b'],
  target: 'y',
  key: ['k'],
  task: 'regression',
  hyperparameters: {},
  testSize: 0.25,
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'some room '))
})
afterAll(() => rm(folder, { recursive: true }))

/** Each key for two rows. */
async function extent(rows: number): Promise<Extent> {
  const prepared = preparedIn(folder, dataset)
  const key = (index: number) => `key${String(index >> 1).padStart(6, '0')}`
  const lines = Array.from({ length: rows }, (_, index) => `${100 + (index % 9)},12,0.5,"${key(index)}"`)
  await writeFile(prepared.csv, ['a,b,y,k', ...lines, ''].join('\n'))
  await withDuckDb((db) =>
    db.run(`COPY (SELECT range AS k FROM range(${rows / 2})) TO '${prepared.everyKey}' (FORMAT parquet)`),
  )
  return extentOf(prepared, rows)
}

test('rows from all over the file stand for all', async () => {
  const { rows, keys, sample } = await extent(40_000)
  expect(rows).toBe(40_000)
  expect(keys).toBe(20_000)
  // Some of each of 64 places, not the whole file.
  expect(sample.length).toBeGreaterThan(10_000)
  expect(sample.length).toBeLessThan(25_000)
  expect(sample[0]).toHaveLength(4)
  expect(Math.max(...sample.map((row) => Number(row[3]?.slice(3))))).toBeGreaterThan(19_000)
})

test('a small file is read whole, but for its first line', async () => {
  expect((await extent(100)).sample).toHaveLength(100)
})

test('texts with commas and quotes are read as they are, and rows of several lines passed over', async () => {
  const { dataset: known } = await extent(100)
  const prepared = preparedIn(folder, known)
  const rows = ['1,,0.5,"a, ""b"" "', '2,3,0.5,"one\n""two"" and, and\nthree"', '3,4,0.5,""', ',,,"c"']
  await writeFile(prepared.csv, ['a,b,y,k', ...rows, ''].join('\n'))
  expect((await extentOf(prepared, 4)).sample).toEqual([
    ['1', '', '0.5', 'a, "b" '],
    ['3', '4', '0.5', ''],
    ['', '', '', 'c'],
  ])
})

test('a table takes whole pages of aligned rows, an index an entry a key', async () => {
  const { table, index, temporary } = postgresBytes(await extent(40_000))
  // 24 of the head, 2 and 4 at their places, 8, a text of 9 and its length: 50, so 56, and 4 that point to it; 136 a page.
  expect(table).toBe(Math.ceil(40_000 / 136) * 8192)
  // Two rows share an entry: 8, the text's 10, 12 of two rows: 32 aligned (24 + 12 = 36, so 40), and 4 that point to it.
  expect(index).toBeGreaterThan(20_000 * 44)
  expect(index).toBeLessThan(20_000 * 44 * 1.2)
  expect(temporary).toBe(0)
})

test('what is too much to be sorted in memory lies on the disk meanwhile', async () => {
  const many = { ...(await extent(1000)), rows: 28_000_000, keys: 14_000_000 }
  expect(postgresBytes(many).temporary).toBe(28_000_000 * 32)
})

test('replicas take a copy each, and the log has the rows', async () => {
  const some = await extent(1000)
  const alone = postgresBytes(some)
  const two = postgresBytes(some, 2)
  expect(alone.copies).toBe(0)
  expect(two).toEqual({
    ...alone,
    log: alone.log + alone.table + alone.index,
    copies: 2 * (alone.table + alone.index),
  })
})

test('a part of the rows has as large a part of the keys, and no part is more than all', async () => {
  const all = await extent(1000)
  const part = partOf(all, 100)
  expect([part.rows, part.keys]).toEqual([100, all.keys / 10])
  expect(storeBytes(part)).toBeCloseTo(storeBytes(all) / 10)
  expect(storeBytes(partOf(all, 5000))).toBe(storeBytes(all))
})

const failureOf = async (work: () => unknown) => {
  try {
    await work()
  } catch (error) {
    expect(error).toBeInstanceOf(Failure)
    return (error as Failure).text
  }
  return undefined
}

test('a memory that will not do is refused with what is needed, what there is, and what would do', async () => {
  const some = await extent(20_000)
  const needed = storeBytes(some)
  expect(await failureOf(() => refuseSmallMemory(some, needed))).toBeUndefined()
  const text = await failureOf(() => refuseSmallMemory(some, needed / 2))
  expect(text).toBe(
    `20,000 rows take about ${Math.ceil(needed / 1e6)} MB of memory in the feature store, and ${Math.floor(needed / 2e6)} MB are free
  → Load fewer rows into it, --store-rows 9000, or fewer into both, --rows 9000`,
  )
  // Of a user's own table --rows would be refused.
  expect(await failureOf(() => refuseSmallMemory({ ...some, isOwn: true }, needed / 2))).toMatch(
    /, or fewer into both, --data with 9000 rows at the most$/,
  )
})

test.each([
  1, 1000,
])('what is free is not said to be as much as is needed, at %i times the rows', async (factor) => {
  const some = await extent(20_000)
  const grown = { ...some, rows: some.rows * factor, keys: some.keys * factor }
  const text = await failureOf(() => refuseSmallMemory(grown, storeBytes(grown) - 5))
  const [, needed, unit, free] = / about ([\d.]+ (\wB)) .* and ([\d.]+) \2 are free/.exec(String(text)) ?? []
  expect(unit).toBe(factor === 1 ? 'MB' : 'GB')
  expect(Number(free)).toBeLessThan(Number.parseFloat(String(needed)))
})

test('a disk that will not do is refused likewise, and what would do fits', async () => {
  const some = { ...(await extent(1000)), rows: 28_000_000, keys: 14_000_000 }
  expect(await failureOf(() => refuseSmallDisk(some, folder, { free: async () => 1e12 }))).toBeUndefined()
  const text = await failureOf(() => refuseSmallDisk(some, folder, { free: async () => 1e9 }))
  expect(text).toMatch(
    /^28,000,000 rows take about \d\.\d GB on the disk of .*some room .*, and 1\.0 GB are free\n/,
  )
  const rows = Number(/--rows (\d+)$/.exec(String(text))?.[1])
  const { table, index, temporary, log } = postgresBytes(partOf(some, rows))
  expect(table + index + temporary + log).toBeLessThan(1e9)
  expect(table + index + temporary + log).toBeGreaterThan(0.7e9)
})

test("the store's commands are told to the byte where all rows are alike", async () => {
  // $8, [100,12], and $11, t:key000000; *4, RPUSH, the name and two rows.
  const list = '*4\r\n$5\r\nRPUSH\r\n$11\r\nt:key000000\r\n$8\r\n[100,12]\r\n$8\r\n[108,12]\r\n'
  const { commands, temporary } = listsBytes(await extent(40_000))
  expect(commands).toBeCloseTo(20_000 * list.length)
  expect(temporary).toBe(0)
})

test('rows that are too many to be sorted in memory lie on the disk twice', async () => {
  const many = { ...(await extent(1000)), rows: 28_000_000, keys: 14_000_000 }
  // A text of 8 and 5 + 1 around it, the name's 11, where they are, and a column of the key; less what is held.
  expect(listsBytes(many).temporary).toBeCloseTo(28_000_000 * (14 + 11 + 16 + 9) - 40e6)
})

test('a disk that will not do for the sort is refused, on whichever of two it is', async () => {
  const some = { ...(await extent(1000)), rows: 28_000_000, keys: 14_000_000 }
  const { commands, temporary } = listsBytes(some)
  const places = { commands: folder, temporary: tmpdir() }
  const refused = (there: number[], isOne: boolean) =>
    failureOf(() =>
      refuseSmallSort(some, places, {
        free: async (of) => there[of === folder ? 0 : 1] as number,
        disk: async (of) => (isOne || of === folder ? 1 : 2),
      }),
    )
  expect(await refused([commands, temporary], false)).toBeUndefined()
  expect(await refused([commands - 1, temporary], false)).toMatch(
    / on the disk of .*some room .* while they are sorted/,
  )
  expect(await refused([commands, temporary - 1], false)).toContain(` on the disk of ${tmpdir()} while`)
  expect(await refused([commands + temporary, 0], true)).toBeUndefined()
  const text = await refused([(commands + temporary) / 2, 1e12], true)
  const part = Number(/--store-rows (\d+),/.exec(String(text))?.[1])
  expect(part).toBeGreaterThan(28_000_000 * 0.4)
  expect(part).toBeLessThanOrEqual(28_000_000 * 0.45)
})
