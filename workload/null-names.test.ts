import { expect, test } from 'vitest'
import { nullVariable } from './resolve.ts'
import { workloadSchema } from './schema.ts'

const named = (...names: string[]) => ({
  name: 'x',
  keys: 'keys.json',
  sides: names.map((name) => ({
    ...{ name, protocol: 'sql', address: 'A_URL', query: 'SELECT 1', parameters: () => [] },
  })),
})

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
