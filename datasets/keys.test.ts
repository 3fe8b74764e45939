import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BadInput } from '../build/failure.ts'
import { drawnFrom, mostKeys } from '../workload/draw.ts'
import type { Draw, KeyFormat } from '../workload/workload.ts'
import { withDuckDb } from './duckdb.ts'
import { plain, readKeyFile } from './keys.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'keys of a user '))
})
afterAll(() => rm(folder, { recursive: true }))

async function written(name: string, content: string | Uint8Array): Promise<string> {
  const file = path.join(folder, name)
  await writeFile(file, content)
  return file
}

const keysIn = async (file: string, format?: KeyFormat) => (await readKeyFile(file, format, 'even', 1)).keys

const bom = '\ufeff'

test.each<[string, string, unknown[]]>([
  [
    'k.csv',
    'id,name\n7,"a, b"\n08,\n',
    [
      { id: '7', name: 'a, b' },
      { id: '08', name: '' },
    ],
  ],
  ['bom.csv', `${bom}id\n1\n`, [{ id: '1' }]],
  ['crlf.csv', 'id,x\r\n1,2\r\n', [{ id: '1', x: '2' }]],
  ['semicolons.csv', 'id;"x,y"\n1;2,3\n', [{ id: '1', 'x,y': '2,3' }]],
  ['bars.csv', 'id|x\n1|2;3\n', [{ id: '1', x: '2;3' }]],
  ['one.csv', 'id\n1\n"2;3"\n', [{ id: '1' }, { id: '2;3' }]],
  ['k.tsv', 'id\tx\n1\t2,3\n', [{ id: '1', x: '2,3' }]],
  ['k.jsonl', '{"id":1}\n\n[2,"b"]\n3\n', [{ id: 1 }, [2, 'b'], 3]],
  ['k.ndjson', `${bom}"a"\r\n"b"\r\n`, ['a', 'b']],
  ['k.json', '[{"id":1},{"id":2}]', [{ id: 1 }, { id: 2 }]],
])('%s', async (name, content, expected) => {
  expect(await keysIn(await written(name, content))).toEqual(expected)
})

test('Parquet keeps types, and digits that a number would lose', async () => {
  const file = await written(
    'k.parquet',
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'id', data: [7n, 9007199254740993n], type: 'INT64' },
          { name: 'name', data: ['a', 'ä'], type: 'STRING' },
          { name: 'score', data: [0.5, 1e-300], type: 'DOUBLE' },
          { name: 'isNew', data: [true, false], type: 'BOOLEAN' },
        ],
      }),
    ),
  )
  expect(await keysIn(file)).toEqual([
    { id: 7, name: 'a', score: 0.5, isNew: true },
    { id: '9007199254740993', name: 'ä', score: 1e-300, isNew: false },
  ])
})

test('decimals, days and lists of Parquet keep what they say', async () => {
  const file = path.join(folder, 'typed.parquet')
  await withDuckDb((db) =>
    db.run(`COPY (SELECT 12.50::DECIMAL(9, 2) AS price, 1234567890123456.78::DECIMAL(18, 2) AS total, 7::DECIMAL(9, 0) AS units,
      DATE '2013-01-02' AS day, [1, 2] AS parts, {'a': NULL::INT, 'b': 0.1::FLOAT} AS nested) TO '${file}' (FORMAT parquet)`),
  )
  expect(await keysIn(file)).toEqual([
    {
      ...{ price: 12.5, total: '1234567890123456.78', units: 7, day: '2013-01-02T00:00:00.000Z' },
      ...{ parts: [1, 2], nested: { a: null, b: Math.fround(0.1) } },
    },
  ])
})

test('times of Parquet keep all digits, and are times', async () => {
  const file = path.join(folder, 'times.parquet')
  await withDuckDb((db) =>
    db.run(`COPY (SELECT TIMESTAMP '2013-01-02 10:20:30.123456' AS micros, TIMESTAMP '1969-12-31 23:59:59.999999' AS early,
      TIMESTAMP '2013-01-02 10:20:30' AS plain, '2013-01-02 10:20:30.000007+02'::TIMESTAMPTZ AS zoned,
      TIMESTAMP_NS '2013-01-02 10:20:30.123456789' AS nanos, TIME '10:20:30.5' AS time, 'infinity'::TIMESTAMP AS never,
      NULL::TIME AS none) TO '${file}' (FORMAT parquet)`),
  )
  expect(await keysIn(file)).toEqual([
    {
      ...{ micros: '2013-01-02T10:20:30.123456Z', early: '1969-12-31T23:59:59.999999Z' },
      ...{ plain: '2013-01-02T10:20:30.000Z', zoned: '2013-01-02T08:20:30.000007Z' },
      ...{ nanos: '2013-01-02T10:20:30.123456789Z', time: '10:20:30.5', never: 'infinity', none: null },
    },
  ])
})

test('a format that is said goes before the name', async () => {
  expect(await keysIn(await written('k.txt', '1\n2\n'), 'jsonl')).toEqual([1, 2])
})

const columns = (...names: string[]) =>
  new Uint8Array(
    parquetWriteBuffer({ columnData: names.map((name) => ({ name, data: [1, 2], type: 'INT32' as const })) }),
  )

test('days without end are told as such', async () => {
  const file = path.join(folder, 'endless.parquet')
  await withDuckDb((db) =>
    db.run(
      `COPY (SELECT unnest([DATE 'infinity', DATE '-infinity', DATE '300000-01-01', DATE '2026-02-03']) AS day) TO '${file}'`,
    ),
  )
  expect(await keysIn(file)).toEqual([
    { day: 'infinity' },
    { day: '-infinity' },
    { day: '300000-01-01' },
    { day: '2026-02-03T00:00:00.000Z' },
  ])
})

test.each<[string, string | Uint8Array, string]>([
  ['none.txt', '1', 'cannot be told from its name; expected one that ends in .csv, '],
  // It would be asked for as another key, by both sides alike.
  ['latin.csv', Buffer.from('name\nMuller\nM\xfcller\n', 'latin1'), 'has in line 3 what is no UTF-8'],
  [
    'digits.jsonl',
    '{"id":1}\n{"id":9007199254740993}\n',
    'in line 2 what cannot be a key: "9007199254740993"',
  ],
  // Readers of JSON differ in which of the two counts.
  ['double.jsonl', '{"id":1}\n{"id":2, "id":3}\n', 'in line 2 what cannot be a key: "id" stands twice'],
  ['deep.jsonl', '[{"a":{"b":1,"b":1}}]\n', 'in line 1 what cannot be a key: "b" stands twice'],
  ['hidden.jsonl', '{"a":1,"a":"\\u0022\\u0022"}\n', '"a" stands twice'],
  ['digits.json', '[9007199254740993]', '"9007199254740993" would lose digits'],
  ['empty.csv', 'id,name\n', 'holds no key'],
  ['empty.json', '[]', 'holds no key'],
  ['object.json', '{}', 'holds no array'],
  ['bad.jsonl', '{"id":1}\n{"id":\n', 'no JSON in line 2'],
  ['short.csv', 'id,name\n1\n', 'is not CSV as it must be'],
  ['twice.csv', 'id,id\n1,2\n', "has the column 'id' twice"],
  // DuckDB would call the second one ID_1.
  ['case.parquet', columns('id', 'ID'), "has the column 'id' twice"],
  ['bad.parquet', 'PAR0 nothing of the kind', 'is not Parquet'],
])('%s is refused: %s', async (name, content, expected) => {
  const file = await written(name, content)
  const refusal = await keysIn(file).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(BadInput)
  expect((refusal as BadInput).text).toContain(name)
  expect((refusal as BadInput).text).toContain(expected)
})

test('rows of a database become what JSON holds', () => {
  const row = {
    at: new Date(0),
    id: 1n,
    none: undefined,
    part: { b: new Uint8Array([1]) },
    no: [Number.NaN, -1 / 0],
  }
  expect(plain(row)).toEqual({
    at: '1970-01-01T00:00:00.000Z',
    id: 1,
    none: null,
    part: { b: 'AQ==' },
    no: ['NaN', '-Infinity'],
  })
  expect(JSON.parse(JSON.stringify(plain(row)))).toEqual(plain(row))
})

describe('of more keys than are held', () => {
  const count = mostKeys + 20_001
  /** Longer than what is read at once, with signs of several bytes, so that parts end within one. */
  const names = Array.from({ length: count }, (_, at) => `ä€${at}`)

  test.each<[string, () => string | Uint8Array, (at: number) => unknown]>([
    ['many.csv', () => ['id', ...names, ''].join('\r\n'), (at) => ({ id: names[at] })],
    ['many.jsonl', () => names.map((name) => JSON.stringify([name])).join('\n'), (at) => [names[at]]],
    ['many.json', () => JSON.stringify(names), (at) => names[at]],
    [
      'many.parquet',
      () =>
        new Uint8Array(
          parquetWriteBuffer({
            columnData: [{ name: 'id', data: names, type: 'STRING' }],
            rowGroupSize: 50_000,
          }),
        ),
      (at) => ({ id: names[at] }),
    ],
  ])('%s: the seed draws so many', async (name, content, keyAt) => {
    const file = await written(name, content())
    for (const draw of ['even', 'in order', { zipf: 1 }] satisfies Draw[]) {
      const found = await readKeyFile(file, undefined, draw, 7)
      const drawn = drawnFrom(draw, count, 7)
      expect([found.of, found.draw]).toEqual([count, drawn?.draw])
      expect(found.keys).toEqual(drawn?.positions.map(keyAt))
    }
  })
})
