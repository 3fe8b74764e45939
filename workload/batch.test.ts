import { expect, test } from 'vitest'
import { batchOf, NoBatch, questionAt } from './batch.ts'
import { sentOf } from './http.ts'
import { misfitsOfQuestions } from './questions.ts'
import { resolved, selected } from './resolve.ts'
import { http, sql, type Workload } from './workload.ts'

const database = sql<number>({
  name: 'database',
  address: 'DATABASE_URL',
  query: 'SELECT $1',
  parameters: (key) => [key],
  settings: { work_mem: '8MB' },
  batch: { query: 'SELECT unnest($1::int[])', parameters: (keys) => [keys] },
})
const service = http<number>({
  name: 'service',
  address: 'SERVICE_URL',
  path: 'one',
  headers: { Accept: 'text/plain' },
  body: (key) => `${key}`,
  bodyAs: 'text',
  value: (answer: { score: number }) => answer.score,
  batch: {
    path: 'many',
    body: (keys) => keys.join(),
    values: (answer: { scores: number[] }) => answer.scores,
  },
})

type Rows = (rows: object[]) => unknown
const readerOf = (side: object) => (side as { value?: Rows }).value

test('a batch begins at each place of the keys, and after the last key comes the first', () => {
  const keys = ['a', 'b', 'c']
  expect(keys.map((_, at) => questionAt(keys, at, 2))).toEqual([
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'a'],
  ])
  expect(questionAt(keys, 2, 1)).toEqual(['c'])
  expect(questionAt(keys, 2)).toBe('c')
})

test('a query for several keys is sent on a session as that for one', () => {
  const side = batchOf(database, 3)
  expect(side).toMatchObject({
    ...{ name: 'database-batch3', size: 3, address: 'DATABASE_URL', protocol: 'sql' },
    ...{ query: 'SELECT unnest($1::int[])', settings: { work_mem: '8MB' } },
  })
  expect(side.protocol === 'sql' && side.parameters([1, 2, 3])).toEqual([[1, 2, 3]])
})

test('of each row the one value is the answer to a key', () => {
  const read = readerOf(batchOf(database, 3))
  expect(read?.([{ a: 1 }, { a: 2 }])).toEqual([1, 2])
  // Which of two it should be, nobody has said: it is no answer.
  expect(read?.([{ a: 1, b: 2 }])).toEqual([{ a: 1, b: 2 }])
})

test('each row is read as the side reads that of a single key', () => {
  const value = (rows: readonly Readonly<Record<string, unknown>>[]) => Number(rows[0]?.b)
  expect(
    readerOf(batchOf({ ...database, value }, 3))?.([
      { a: 1, b: '2' },
      { a: 3, b: '4' },
    ]),
  ).toEqual([2, 4])
})

test('all rows are read by `values`, where there is one', () => {
  const batch = {
    query: 'SELECT 1',
    parameters: () => [],
    values: (rows: readonly object[]) => Object.values(rows[0] ?? {})[0],
  }
  expect(readerOf(batchOf({ ...database, batch }, 2))?.([{ all: [5, 6] }])).toEqual([5, 6])
})

test('a request for several keys says what it has of its own, and the rest is the side’s', () => {
  const side = batchOf(service, 2)
  expect(side).toMatchObject({ name: 'service-batch2', size: 2, headers: { Accept: 'text/plain' } })
  expect(side.protocol === 'http' && sentOf(side, [4, 5])).toEqual({ path: 'many', body: '4,5' })
  const read = (side as { value?: (body: unknown) => unknown }).value
  expect(read?.({ scores: [1, 2] })).toEqual([1, 2])
})

test('neither the body nor the reading of a single key is taken for several', () => {
  const side = batchOf({ ...service, batch: { path: (keys: readonly number[]) => `many/${keys}` } }, 2)
  expect(side.protocol === 'http' && sentOf(side, [4, 5])).toEqual({ path: 'many/4,5' })
  expect(side).not.toHaveProperty('value')
})

const plain: Workload<number> = { name: 'churn', keys: 'keys.csv', sides: [database, service] }
const workload = resolved(plain, {})

test('a selection names a batch by its size', () => {
  const chosen = selected(['database:batch5', 'service:batch20', 'database'], workload, 'extended')
  expect(chosen.map(({ key, base, role, size }) => [key, base, role, size])).toEqual([
    ['database-batch5', 'database', 'predict', 5],
    ['service-batch20', 'service', 'predict', 20],
    ['database', 'database', 'predict', undefined],
  ])
  expect(chosen[0]).toMatchObject({ mode: 'extended' })
})

test.each([
  'database:batch',
  'database:batch0',
  'database:batch-1',
  'database:batch1.5',
  'database:batch5x',
])('%s is no side', (word) => {
  expect(() => selected([word], workload, 'prepared')).toThrow(`no side "${word}"`)
})

test.each([database, service])('$name without a batch is refused with what to write', ({
  batch: _,
  ...side
}) => {
  expect(() => batchOf(side as typeof database, 5)).toThrow(NoBatch)
  expect(() => batchOf(side as typeof database, 5)).toThrow(`${side.name} has no batch`)
  expect(() => batchOf(side as typeof database, 5)).toThrow(
    side.protocol === 'sql' ? 'expected batch: { query:' : 'expected batch: { path:',
  )
})

test('keys that make no question are found at the place where the batch begins', () => {
  const batch = {
    query: 'SELECT $1, $2',
    parameters: (keys: readonly number[]) => (keys.includes(3) ? [] : [keys, keys]),
  }
  const found = misfitsOfQuestions([batchOf({ ...database, batch }, 2)], [1, 2, 3], (side) =>
    String(side.query),
  )
  expect(found).toEqual([
    {
      path: ['database-batch2', 'key', 1],
      value: [],
      expected: 'expected as many parameters as the query has: $1 to $2',
    },
  ])
})
