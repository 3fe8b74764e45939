import { expect, test } from 'vitest'
import { inWords } from './misfit.ts'
import { misfitsOfQuestions, parameterCount } from './questions.ts'
import { http, sql } from './workload.ts'

// As Postgres' own lexer tells them: https://www.postgresql.org/docs/18/sql-syntax-lexical.html
test.each([
  ['SELECT 1', 0],
  ['SELECT $1', 1],
  ['SELECT $2::int + $10', 10],
  ["SELECT '$3', $1", 1],
  ["SELECT 'it''s $3', $1", 1],
  ['SELECT "a $4", $1', 1],
  ['SELECT $1 -- $5\n, $2', 2],
  ['SELECT /* $5 */ $1', 1],
  ['SELECT $$ $6 $$, $1', 1],
  ['SELECT $tag$ $6 $$ $tag$, $2', 2],
  ['SELECT a$7, $1 FROM t', 1],
])('%s has parameters up to %i', (query, count) => {
  expect(parameterCount(query)).toBe(count)
})

const database = (parameters: (key: { id: number }) => unknown, query = 'SELECT $1') =>
  sql<{ id: number }>({ name: 'database', address: 'A', query, parameters: parameters as () => [] })

const saidOf = (
  side: Parameters<typeof misfitsOfQuestions>[0][number],
  keys: unknown[] = [{ id: 1 }, { id: 2 }],
) => misfitsOfQuestions([side], keys, ({ query }) => query as string).map(inWords)

test('a side that has a question for each key', () => {
  expect(saidOf(database(({ id }) => [id]))).toEqual([])
  expect(saidOf(database(() => [null]))).toEqual([])
  expect(saidOf(http({ name: 's', address: 'A', path: ({ id }) => `x/${id}`, body: (key) => key }))).toEqual(
    [],
  )
})

test.each([
  [database(({ id }) => id), 'database.key[0] = 1: expected what `parameters` returns to be an array'],
  [
    database(({ id }) => [id, id]),
    'database.key[0] = [1,1]: expected as many parameters as the query has: $1 to $1',
  ],
  [
    database(() => [1], 'SELECT now()'),
    'database.key[0] = [1]: expected as many parameters as the query has: none',
  ],
  [
    database(({ id }) => (id === 2 ? [] : [id])),
    'database.key[1] = []: expected as many parameters as the query has: $1 to $1',
  ],
  [
    database((key) => [(key as unknown as { a: { b: number } }).a.b]),
    'database.key[0] = {"id":1}: expected its parameters to be made of this key, got Cannot read properties of undefined',
  ],
  // A column that is called otherwise in the file: both sides would be asked for nothing, and answer the same.
  [
    database((key) => [(key as unknown as { customer: number }).customer]),
    'database.key[0] = {"id":1}: expected $1 to be made of this key, got undefined',
  ],
  [
    database(({ id }) => [id, Number('x')], 'SELECT $1, $2'),
    'database.key[0] = {"id":1}: expected $2 to be made of this key, got NaN',
  ],
  [
    http({ name: 'service', address: 'A', body: () => ({ a: [{ id: Number('x') }] }) }),
    'service.key[0] = {"id":1}: expected its path and its body to be made of this key, got its body has NaN as id',
  ],
  [
    http({ name: 'service', address: 'A', body: () => ({ id: undefined }), bodyAs: 'form' }),
    'got its body has undefined as id; expected a value',
  ],
  [
    http({ name: 'service', address: 'A', body: () => 1, bodyAs: 'text' }),
    'service.key[0] = {"id":1}: expected its path and its body to be made of this key, got its body is number; expected what bodyAs: \'text\' can send',
  ],
])('what a side makes of its keys is refused by key and side: %#', (side, expected) => {
  expect(saidOf(side as never)[0]).toContain(expected)
})
