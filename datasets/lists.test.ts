import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Dataset } from '../workload/dataset.ts'
import { numberedRows } from './csv.ts'
import { digestOfCsv } from './digest.ts'
import { withDuckDb } from './duckdb.ts'
import { areSorted, ensureLists, forgetLists } from './lists.ts'
import { preparedIn } from './prepared.ts'

/** Names of columns that the sorting might want for itself. */
const dataset: Dataset = {
  name: 'visits',
  columns: [
    { name: 'turn', type: 'smallint' },
    { name: 'age', type: 'real', nullable: true },
    { name: 'left', type: 'smallint' },
    { name: 'rows', type: 'text' },
  ],
  features: ['turn', 'age'],
  target: 'left',
  key: ['rows', 'turn'],
  task: 'classification',
  hyperparameters: {},
  testSize: 0.25,
}

let folder: string
const place = () => path.join(folder, 'lists')
const prepared = () => preparedIn(folder, dataset)
async function write(rows: string[]) {
  await writeFile(prepared().csv, ['turn,age,left,rows', ...rows, ''].join('\n'))
  const key = '"rows", "turn"'
  await withDuckDb((db) =>
    db.run(`COPY (SELECT ${key}, min("place") AS "place" FROM ${numberedRows(prepared(), () => 'VARCHAR')}
      GROUP BY ${key} ORDER BY "place") TO '${prepared().everyKey}' (FORMAT parquet)`),
  )
  return digestOfCsv(prepared())
}
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'some lists '))
})
afterAll(() => rm(folder, { recursive: true }))

const lines = ['10,2.5,1,"a:b"', '9,,0,"€"', '10,1,0,"a:b"', '10,3,0,"a%3Ab"', '9,7,0,"two\nlines\there"']

/** By the protocol's own rules, and in the order of the keys. */
const expected: [name: string, ...rows: string[]][] = [
  ['visits:a%253Ab:10', '[10,3]'],
  ['visits:a%3Ab:10', '[10,2.5]', '[10,1]'],
  ['visits:two\nlines\there:9', '[9,7]'],
  ['visits:€:9', '[9,null]'],
]
const resp = (parts: string[]) =>
  `*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`

const progress = () => {}

test('the file holds a command for each key, its rows in their order, and the digest is that of the lists', async () => {
  const said: string[] = []
  const digest = await write(lines)
  const { lists, sorted } = await ensureLists(prepared(), digest, {
    progress: (what) => said.push(what),
    folder: place(),
  })
  expect(sorted).toBe(true)
  const text = await readFile(lists.commands, 'utf8')
  expect(text).toBe(expected.map((list) => resp(['RPUSH', ...list])).join(''))
  const sum = expected.reduce(
    (before, list) =>
      before +
      BigInt(
        `0x${createHash('sha1')
          .update(`${list.join('\n')}\n`)
          .digest('hex')
          .slice(0, 16)}`,
      ),
    0n,
  )
  expect(lists).toMatchObject({
    rows: 5,
    of: 5,
    everyKey: prepared().everyKey,
    digest: { count: 4, sum: BigInt.asUintN(64, sum).toString(16).padStart(16, '0') },
    marks: [
      [0, 0, 0],
      [Buffer.byteLength(text), 4, 5],
    ],
  })
  // How far it is comes after, where it takes long enough.
  expect(said.slice(0, 2)).toEqual(['sorting', 'writing'])
})

test('rows are sorted once for each content', async () => {
  const again = async (rows: string[]) =>
    (await ensureLists(prepared(), await write(rows), { progress, folder: place() })).sorted
  await again(lines)
  expect(await again(lines)).toBe(false)
  expect(await again(lines.slice(1))).toBe(true)
  expect(await again(lines)).toBe(true)
  await forgetLists(prepared(), place())
  expect(await again(lines)).toBe(true)
  await rm(path.join(place(), 'store.resp'))
  expect(await again(lines)).toBe(true)
})

test('whether there is anything to sort is known beforehand', async () => {
  const digest = await write(lines)
  const ready = (storeRows?: number) => areSorted(prepared(), digest, { storeRows, folder: place() })
  await ensureLists(prepared(), digest, { progress, folder: place() })
  expect([await ready(), await ready(5), await ready(4)]).toEqual([true, true, false])
  const { lists } = await ensureLists(prepared(), digest, { storeRows: 4, progress, folder: place() })
  expect([await ready(), await ready(4)]).toEqual([false, true])
  // The keys of a part belong to it.
  await rm(lists.everyKey)
  expect(await ready(4)).toBe(false)
  await writeFile(path.join(place(), 'made-from.json'), '{')
  expect(await ready()).toBe(false)
})

test('what could not be sorted to its end is not taken for sorted', async () => {
  const digest = await write(lines)
  await ensureLists(prepared(), digest, { progress, folder: place() })
  await rm(prepared().csv)
  await expect(ensureLists(prepared(), digest, { storeRows: 4, progress, folder: place() })).rejects.toThrow()
  await write(lines)
  expect(await areSorted(prepared(), digest, { folder: place() })).toBe(false)
})

test('of no rows there are no lists, and nothing stands between the marks', async () => {
  const { lists } = await ensureLists(prepared(), await write([]), { progress, folder: place() })
  expect(lists).toMatchObject({
    rows: 0,
    of: 0,
    digest: { count: 0, sum: '0'.repeat(16) },
    marks: [[0, 0, 0]],
  })
  expect(await readFile(lists.commands, 'utf8')).toBe('')
})

test.each([
  ['one value', (rows: string[]) => rows.with(0, '10,2.25,1,"a:b"')],
  ['one row missing', (rows: string[]) => rows.toSpliced(1, 1)],
  ['one row twice', (rows: string[]) => [...rows, rows[1] as string]],
  ['the order inside a list', (rows: string[]) => [rows[2] as string, ...rows.toSpliced(2, 1)]],
  ['a name', (rows: string[]) => rows.with(1, '9,,0,"$"')],
])('lists that differ by %s have another digest', async (_, change) => {
  const { lists } = await ensureLists(prepared(), await write(lines), { progress, folder: place() })
  const { lists: other } = await ensureLists(prepared(), await write(change(lines)), {
    progress,
    folder: place(),
  })
  expect(other.digest.sum).not.toBe(lists.digest.sum)
})

test('the order of the lists among each other does not matter', async () => {
  const { lists } = await ensureLists(prepared(), await write(lines), { progress, folder: place() })
  const [first, ...others] = lines
  const moved = [...others.slice(0, 1), first as string, ...others.slice(1)]
  const { lists: other } = await ensureLists(prepared(), await write(moved), { progress, folder: place() })
  expect(other.digest).toEqual(lists.digest)
})

test.each([
  1, 100, 300, 1e6,
])('rows that are sorted by parts of %d bytes make the same lists', async (atOnce) => {
  const many = Array.from({ length: 90 }, (_, index) => `${index % 3},${index},0,"k%:${index % 7}"`)
  const digest = await write(many)
  const commandsOf = async (settings: object) => {
    const { lists } = await ensureLists(prepared(), digest, { ...settings, progress, folder: place() })
    const text = await readFile(lists.commands, 'utf8')
    return { ...lists, each: text.split(/(?=^\*)/m).sort(), marks: lists.marks.length }
  }
  for (const storeRows of [undefined, 40]) {
    await forgetLists(prepared(), place())
    const whole = await commandsOf({ storeRows, atOnce: 1e9 })
    await forgetLists(prepared(), place())
    expect(await commandsOf({ storeRows, atOnce })).toEqual(whole)
    expect(whole.each).toHaveLength(whole.digest.count)
  }
})

test('a part of the rows is that of keys all over the file, with all rows of each', async () => {
  const many = Array.from({ length: 1000 }, (_, index) => `1,${index},0,"k${index >> 1}"`)
  const digest = await write(many)
  const { lists } = await ensureLists(prepared(), digest, { storeRows: 100, progress, folder: place() })
  expect(lists).toMatchObject({ rows: 100, of: 1000, digest: { count: 50 } })
  const keys = await withDuckDb((db) =>
    db.rows(`SELECT "rows", "turn" FROM read_parquet('${lists.everyKey}')`),
  )
  expect(keys).toEqual(Array.from({ length: 50 }, (_, index) => [`k${index * 10 + 9}`, '1']))
  const text = await readFile(lists.commands, 'utf8')
  for (const [name] of keys) expect(text).toContain(`visits:${name}:1\r\n`)
  const more = await ensureLists(prepared(), digest, { storeRows: 1000, progress, folder: place() })
  expect(more).toMatchObject({ sorted: true, lists: { rows: 1000, everyKey: prepared().everyKey } })
  const least = await ensureLists(prepared(), digest, { storeRows: 1, progress, folder: place() })
  expect(least.lists).toMatchObject({ rows: 2, digest: { count: 1 } })
})

test('a long file has marks between its commands, about a megabyte from each other', async () => {
  const many = Array.from({ length: 60_000 }, (_, index) => `1,${index},0,"key number ${index >> 1}"`)
  const said: string[] = []
  const digest = await write(many)
  let seconds = 0
  // A clock that goes on by a second each time that it is looked at.
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => 1000 * seconds++)
  const made = ensureLists(prepared(), digest, { progress: (what) => said.push(what), folder: place() })
  const { lists } = await made.finally(() => clock.mockRestore())
  const bytes = await readFile(lists.commands)
  expect(lists.marks.length).toBeGreaterThan(2)
  // Told after each part, of all rows that are to come.
  expect(said.slice(0, 2)).toEqual(['sorting', 'writing'])
  expect(said.slice(2).map((each) => /^writing: ([\d,]+) of 60,000 rows/.exec(each)?.[1])).toEqual(
    lists.marks.slice(1).map(([, , rows]) => rows.toLocaleString('en')),
  )
  let before = 0
  for (const [offset, count, rows] of lists.marks) {
    expect(bytes.subarray(offset, offset + 8).toString()).toBe(offset === bytes.length ? '' : '*4\r\n$5\r\n')
    expect(rows).toBe(2 * count)
    expect(offset - before).toBeLessThan(1.1 * 2 ** 20)
    before = offset
  }
  expect(lists.marks.at(-1)).toEqual([bytes.length, 30_000, 60_000])
})
