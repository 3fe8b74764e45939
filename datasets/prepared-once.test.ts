/** What a table is made ready from stays known, whatever its folder is called and whatever ends the work in the midst of it. */
import { mkdtempSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { digestOfCsv } from './digest.ts'
import { drawnKeys, keyCount } from './drawn-keys.ts'
import { withDuckDb } from './duckdb.ts'
import { readKeyFile } from './keys.ts'
import { ensureLists } from './lists.ts'
import { prepareTable } from './table.ts'

const cache = vi.hoisted(() => ({ path: '' }))
vi.mock('../build/paths.ts', async (original) => {
  // Signs that DuckDB would take for a pattern, and for a column of its own.
  cache.path ||= path.join(mkdtempSync(path.join(tmpdir(), 'tables ')), 'year=2013', '[id] what?')
  return {
    ...(await original<object>()),
    inCache: (...parts: string[]) => path.join(cache.path, ...parts),
  }
})
afterAll(() => rm(path.dirname(path.dirname(cache.path)), { recursive: true }))

let data: string
beforeEach(async () => {
  await mkdir(cache.path, { recursive: true })
  data = path.join(cache.path, 'sales.csv')
})
afterEach(() => vi.restoreAllMocks())

const usual = { target: 'y', key: ['id'], hyperparameters: { n_estimators: 3 } }
const csv = (factor: number) =>
  ['id,a,y', ...Array.from({ length: 8 }, (_, id) => `${id},${id / 8},${id * factor}`), ''].join('\n')

const prepared = () => prepareTable({ ...usual, data }, () => {})

test('a folder may be called as it likes', async () => {
  await writeFile(data, csv(3))
  const table = await prepared()
  const found = await withDuckDb(async (db) => [
    await keyCount(db, table),
    (await drawnKeys(db, table, 'in order', 1)).keys,
  ])
  expect(found).toEqual([8, Array.from({ length: 8 }, (_, id) => [id])])
  const { lists } = await ensureLists(table, await digestOfCsv(table), { storeRows: 4, progress: () => {} })
  expect(lists.rows).toBe(4)
  // A user's file of keys: the folder gives it no column.
  expect((await readKeyFile(table.everyKey, undefined, 'even', 1)).keys[7]).toEqual({ id: 7, place: 8 })
})

test('what was interrupted while it was written is written anew, also where the table is as it was before', async () => {
  await writeFile(data, csv(3))
  const { csv: rows, keys } = await prepared()
  const [before, knownKeys] = [await readFile(rows, 'utf8'), await readFile(keys)]
  // Another table, whose rows are written and whose keys cannot be.
  await writeFile(data, csv(5))
  await rm(keys)
  await mkdir(keys)
  await expect(prepared()).rejects.toThrow('EISDIR')
  expect(await readFile(rows, 'utf8')).not.toBe(before)
  await rm(keys, { recursive: true })
  await writeFile(keys, knownKeys)
  await writeFile(data, csv(3))
  await prepared()
  expect(await readFile(rows, 'utf8')).toBe(before)
})
