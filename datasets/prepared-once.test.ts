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

const opened = vi.hoisted(() => ({ now: 0, most: 0 }))
vi.mock('../build/fingerprint.ts', async (original) => {
  const real = await original<typeof import('../build/fingerprint.ts')>()
  const sha256File = async (file: string) => {
    opened.most = Math.max(opened.most, ++opened.now)
    return real.sha256File(file).finally(() => opened.now--)
  }
  return { ...real, sha256File }
})

// A process may often have 1,024 open, and a table may lie in more.
test('of many files few are open at once', async () => {
  // Outside of the folder whose name would be a pattern.
  const parts = path.join(path.dirname(path.dirname(cache.path)), 'parts')
  await mkdir(parts)
  for (let part = 0; part < 40; part++)
    await writeFile(path.join(parts, `${part}.csv`), `id,a,y\n${part},${part / 8},${part * 3}\n`)
  opened.most = 0
  await prepareTable({ ...usual, data: path.join(parts, '*.csv') }, () => {})
  expect(opened.most).toBeGreaterThan(0)
  expect(opened.most).toBeLessThan(20)
})

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
