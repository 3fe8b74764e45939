/** What Postgres would refuse of a table, in the midst of its load. The numbers are those of its pages of 8 kB. */
import { expect, test } from 'vitest'
import type { Column, ColumnType, Dataset } from '../workload/dataset.ts'
import { faultOfSize } from './limits.ts'

const columns = (count: number, type: ColumnType, nullable = false): Column[] =>
  Array.from({ length: count }, (_, each) => ({ name: `c${each}`, type, nullable }))

/** @param key so many of the columns are the key */
const dataset = (all: Column[], key = 1): Dataset => ({
  ...{ name: 't', columns: all, target: 'y', features: [], task: 'regression' },
  ...{ key: all.slice(0, key).map(({ name }) => name), hyperparameters: {}, testSize: 0.25 },
})
/** All texts have so many bytes. */
const texts = (all: Column[], bytes: number) => new Map(all.map(({ name }) => [name, bytes]))

// A page has 24 bytes of its own, a row 4 that point to it and 24 before its values: 8 × 1017 + 24 = 8160.
test.each<[string, Dataset, string | undefined]>([
  ['1,017 doubles', dataset(columns(1017, 'double precision')), undefined],
  [
    '1,018 doubles',
    dataset(columns(1018, 'double precision')),
    'has rows of 8,168 bytes, of which Postgres takes 8,160',
  ],
  // A row of which one is missing has a bit for each column, 125 bytes in all, and 8 bytes less of values.
  ['1,002 doubles that may be missing', dataset(columns(1002, 'double precision', true)), undefined],
  [
    '1,003 doubles that may be missing',
    dataset(columns(1003, 'double precision', true)),
    'has rows of 8,168 bytes',
  ],
  ['1,600 small numbers', dataset(columns(1600, 'smallint')), undefined],
  [
    '1,601 small numbers',
    dataset(columns(1601, 'smallint')),
    'has 1,601 columns, of which Postgres takes 1,600',
  ],
  ['a key of 32 columns', dataset(columns(40, 'integer'), 32), undefined],
  [
    'a key of 33 columns',
    dataset(columns(40, 'integer'), 33),
    'The key has 33 columns, of which Postgres takes 32',
  ],
])('%s', (_, given, said) => {
  expect(faultOfSize(given, new Map())?.message).toEqual(
    said === undefined ? undefined : expect.stringContaining(said),
  )
})

// 204 bytes each with what says how long it is: 13 of them have 2,660 bytes, 14 have 2,864.
test('a key of long texts', () => {
  const all = columns(14, 'text')
  expect(faultOfSize(dataset(all, 13), texts(all, 200))).toBeUndefined()
  expect(faultOfSize(dataset(all, 14), texts(all, 200))).toEqual({
    message: 'The key has 2,864 bytes, of which Postgres takes 2,704 at the most',
    hint: 'Name fewer columns by --key, or shorter ones',
  })
  expect(faultOfSize(dataset(all, 14), texts(all, 100))).toBeUndefined()
})
