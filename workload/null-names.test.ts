import { expect, test } from 'vitest'
import { nullVariable } from './resolve.ts'
import { workloadSchema } from './schema.ts'

const side = (name: string, more: object = {}) => ({
  ...{ name, protocol: 'sql', address: 'A_URL', query: 'SELECT 1', parameters: () => [] },
  ...more,
})
const named = (...names: string[]) => ({
  name: 'x',
  keys: 'keys.json',
  sides: names.map((name) => side(name)),
})
const told = (given: unknown) =>
  workloadSchema.safeParse(given).error?.issues.map(({ path, message }) => [path.join('.'), message]) ?? []

test('each side has a null server of its own, by a variable of its own', () => {
  expect(nullVariable('my-side_2')).toBe('NULL_MY_SIDE_2_URL')
  expect(workloadSchema.safeParse(named('a-b', 'a-c', 'ab')).success).toBe(true)
  for (const other of ['a_b', 'A-b', 'A_B']) {
    const { error } = workloadSchema.safeParse(named('first', 'a-b', other))
    expect(error?.issues.map(({ path, message }) => [path, message])).toEqual([
      [
        ['sides', 2, 'name'],
        'expected a name that differs from a-b in letters or digits: both would have the variable NULL_A_B_URL',
      ],
    ])
  }
})

test('what is beside the sides has names of its own, too: it may be asked at a null server, and names a file', () => {
  expect(told({ ...named('a-b'), beside: [side('A_b')] })).toEqual([
    [
      'beside.0.name',
      'expected a name that differs from a-b in letters or digits: both would have the variable NULL_A_B_URL',
    ],
  ])
})

test('no other side is called as a null operation, or asked at its variable', () => {
  const name = 'expected another name: the null operation of a is called so'
  const address = 'expected another variable: it is that of the null operation of a'
  expect(told(named('a', 'a-null'))).toEqual([['sides.1.name', name]])
  expect(told({ ...named('a'), beside: [side('a-null')] })).toEqual([['beside.0.name', name]])
  expect(told({ ...named('a'), sides: [side('a'), side('b', { address: 'NULL_A_URL' })] })).toEqual([
    ['sides.1.address', address],
  ])
  // It is that operation.
  const own = side('a-null', { role: 'null', of: 'a', address: 'NULL_A_URL' })
  expect(told({ ...named('a'), beside: [own] })).toEqual([])
  expect(told(named('null', 'null-a'))).toEqual([])
})

test.each(['Compare', 'KEYS', 'gap'])('%s names something else in the folder of a workload', (name) => {
  expect(told(named(name))[0]?.[1]).toContain('mean something else')
})
