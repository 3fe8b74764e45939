import { describe, expect, test } from 'vitest'
import { NoSuchSide, nullVariable, resolved, selected } from './resolve.ts'
import { http, sql, type Workload } from './workload.ts'

const plain: Workload = {
  name: 'churn',
  keys: 'keys.csv',
  sides: [
    sql({ name: 'database', address: 'DATABASE_URL', query: 'SELECT $1', parameters: () => [1] }),
    sql({
      name: 'replica',
      address: 'REPLICA_URL',
      query: 'SELECT $1',
      parameters: () => [1],
      mode: 'extended',
    }),
    http({ name: 'my-service', address: 'SERVICE_URL' }),
  ],
  beside: [
    http({ name: 'my-service-ping', address: 'SERVICE_URL', role: 'part', of: 'my-service', until: 'HTTP' }),
  ],
}
const workload = resolved(plain, {})
const of = (...words: string[]) =>
  selected(words, workload, 'prepared').map(({ key, base, address, role, of, ...side }) => [
    ...[key, base, address, role, of ?? ''],
    side.protocol === 'sql' ? side.mode : '',
  ])

test('what is left open is filled in, and a function is given the variables', () => {
  expect(workload).toMatchObject({ draw: 'even', answer: 'number', compare: { tolerance: 1e-5 } })
  expect(resolved({ ...plain, compare: false }, {}).compare).toBe(false)
  expect(resolved({ ...plain, draw: { zipf: 1.1 }, answer: 'text' }, {})).toMatchObject({
    ...{ draw: { zipf: 1.1 }, answer: 'text', compare: 'equal' },
  })
  expect(resolved({ name: 'x', keys: 'y', sides: plain.sides }, {}).beside).toEqual([])
  expect(resolved(({ NAME }) => ({ ...plain, name: NAME ?? '' }), { NAME: 'other' }).name).toBe('other')
})

describe('a selection', () => {
  test.each<[string[], string[][]]>([
    [['database'], [['database', 'database', 'DATABASE_URL', 'predict', '', 'prepared']]],
    // A mode of a side's own goes before that of the run.
    [['replica'], [['replica', 'replica', 'REPLICA_URL', 'predict', '', 'extended']]],
    [['my-service'], [['my-service', 'my-service', 'SERVICE_URL', 'predict', '', '']]],
    [['my-service-ping'], [['my-service-ping', 'my-service-ping', 'SERVICE_URL', 'part', 'my-service', '']]],
    [['replica:simple'], [['replica-simple', 'replica', 'REPLICA_URL', 'predict', '', 'simple']]],
    [['database:null'], [['database-null', 'database', 'NULL_DATABASE_URL', 'null', 'database', 'prepared']]],
    [
      ['my-service:null'],
      [['my-service-null', 'my-service', 'NULL_MY_SERVICE_URL', 'null', 'my-service', '']],
    ],
    [['my-service@OTHER_URL'], [['my-service', 'my-service', 'OTHER_URL', 'predict', '', '']]],
    [['database:simple@OTHER_URL'], [['database-simple', 'database', 'OTHER_URL', 'predict', '', 'simple']]],
    // Another of the same kind.
    [['my-service:2'], [['my-service-2', 'my-service', 'SERVICE_URL_2', 'predict', '', '']]],
    // What is declared beside a side goes by the side's name, too.
    [['my-service:ping'], [['my-service-ping', 'my-service-ping', 'SERVICE_URL', 'part', 'my-service', '']]],
    [
      ['database', 'database', 'database:simple', 'database@OTHER_URL'],
      [
        ['database', 'database', 'DATABASE_URL', 'predict', '', 'prepared'],
        ['database_2', 'database', 'DATABASE_URL', 'predict', '', 'prepared'],
        ['database-simple', 'database', 'DATABASE_URL', 'predict', '', 'simple'],
        ['database_3', 'database', 'OTHER_URL', 'predict', '', 'prepared'],
      ],
    ],
    [[], []],
  ])('%j', (words, expected) => {
    expect(of(...words)).toEqual(expected)
  })

  test.each([
    'nobody',
    '',
    'database:fast',
    'my-service:simple',
    'database:simple:simple',
    'database@',
    'database@A@B',
    ':simple',
    '@OTHER_URL',
    'Database',
    'constructor',
  ])('%j is no side, and those that there are are named', (word) => {
    expect(() => of('database', word)).toThrow(NoSuchSide)
    expect(() => of(word)).toThrow(
      `no side "${word}"; there are database, replica, my-service, my-service-ping`,
    )
  })
})

test('a copy takes no name that another side has', () => {
  const sides = ['a', 'a_2', 'a-simple'].map((name) => ({ ...plain.sides[0], name })) as Workload['sides']
  const keys = selected(['a', 'a', 'a_2', 'a-simple', 'a:simple'], { sides, beside: [] }, 'prepared')
  expect(keys.map(({ key }) => key)).toEqual(['a', 'a_3', 'a_2', 'a-simple', 'a-simple_2'])
})

test.each([
  ['service:2', 'service-2'],
  ['service:null', 'service-null'],
  ['service:batch20', 'service-batch20'],
])('%s is told from a declared side that is called %s, whichever comes first', (word, name) => {
  const batch = { body: (keys: readonly unknown[]) => keys }
  const sides = ['service', name].map((each) => http({ name: each, address: 'A_URL', batch }))
  const keysOf = (words: string[]) =>
    selected(words, resolved({ ...plain, sides: sides as Workload['sides'] }, {}), 'prepared').map(
      ({ key, base }) => [key, base],
    )
  const [derived, declared] = [
    [`${name}_2`, 'service'],
    [name, name],
  ]
  expect(keysOf([word])).toEqual([derived])
  expect(keysOf([word, name])).toEqual([derived, declared])
  expect(keysOf([name, word])).toEqual([declared, derived])
})

test('the variable of a null server is made from the name of the side', () => {
  expect(['a', 'my-service', 'v2_x'].map(nullVariable)).toEqual([
    'NULL_A_URL',
    'NULL_MY_SERVICE_URL',
    'NULL_V2_X_URL',
  ])
})
