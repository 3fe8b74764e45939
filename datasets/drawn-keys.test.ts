/** The keys of a prepared dataset of more keys than are held at once. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mostKeys } from '../workload/draw.ts'
import type { Draw } from '../workload/workload.ts'
import { writePrepared } from './csv.ts'
import { drawnKeys, keyCount } from './drawn-keys.ts'
import { withDuckDb } from './duckdb.ts'
import { type Prepared, preparedIn } from './prepared.ts'

const count = mostKeys + 12_345

let folder: string
let prepared: Prepared
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'keys of many '))
  prepared = preparedIn(folder, {
    ...{ name: 'many', features: ['a'], target: 'y', key: ['id', 'part'], task: 'regression' },
    columns: [
      { name: 'a', type: 'integer' },
      { name: 'y', type: 'integer' },
      { name: 'id', type: 'text' },
      { name: 'part', type: 'bigint' },
    ],
    ...{ hyperparameters: {}, testSize: 0.25 },
  })
  await mkdir(folder, { recursive: true })
  // Every key has two rows, and 7919 is no divisor of how many there are, so that they come in no order.
  const rows = `SELECT i AS a, i AS y, 'c"' || (i * 7919) % ${count} AS id, 2 ** 40 + (i * 7919) % ${count} AS part
    FROM range(${2 * count}) AS all_rows (i)`
  await withDuckDb((db) => writePrepared(db, prepared, rows, {}))
})
afterAll(() => rm(folder, { recursive: true }))

const keyAt = (position: number) => {
  const id = (position * 7919) % count
  return [`c"${id}`, 2 ** 40 + id]
}

test('all of them, in order of first appearance', async () => {
  await withDuckDb(async (db) => {
    expect(await keyCount(db, prepared)).toBe(count)
    let at = 0
    const inFile = `SELECT id, part FROM read_parquet('${prepared.everyKey}', file_row_number = true) ORDER BY file_row_number`
    for await (const keys of db.stream(inFile))
      for (const key of keys) {
        const expected = keyAt(at++)
        if (key[0] !== expected[0] || Number(key[1]) !== expected[1]) throw new Error(`the ${at}th is ${key}`)
      }
    expect(at).toBe(count)
  })
})

const positionOf = new Map(Array.from({ length: count }, (_, at) => [keyAt(at).join(), at]))

test.each<[Draw, Draw]>([
  ['even', 'even'],
  ['in order', 'in order'],
  [{ zipf: 1.1 }, 'even'],
])('as many as are held, drawn by %j', async (draw, then) => {
  const drawn = await withDuckDb((db) => drawnKeys(db, prepared, draw, 5))
  expect([drawn.keys.length, drawn.of, drawn.draw]).toEqual([mostKeys, count, then])
  const positions = drawn.keys.map((key) => positionOf.get(key.join()))
  expect(positions).not.toContain(undefined)
  expect(new Set(positions).size).toBe(
    draw === 'even' || draw === 'in order' ? mostKeys : new Set(positions).size,
  )
  const again = await withDuckDb((db) => drawnKeys(db, prepared, draw, 5))
  expect(again.keys).toEqual(drawn.keys)
  const other = await withDuckDb((db) => drawnKeys(db, prepared, draw, 6))
  expect(other.keys).not.toEqual(drawn.keys)
})

test('the file of keys that lies ready has no more of them', async () => {
  expect(JSON.parse(await readFile(prepared.keys, 'utf8'))).toHaveLength(mostKeys)
})
