import { expect, test } from 'vitest'
import { Dictionary } from './dictionary.ts'

test('codes are ranks in byte order, whatever the order of the rows', () => {
  const dictionary = new Dictionary(['N2', 'N10', 'N2', '', 'é', 'a'])
  expect(dictionary.toJSON()).toEqual({ N10: 1, N2: 2, a: 3, é: 4 })
  expect(new Dictionary(['é', 'a', 'N10', 'N2']).toJSON()).toEqual(dictionary.toJSON())
  expect(dictionary.size).toBe(4)
})

test('nothing is coded 0, something unknown is refused', () => {
  const dictionary = new Dictionary(['JFK'])
  expect(dictionary.code('')).toBe(0)
  expect(dictionary.code('JFK')).toBe(1)
  expect(() => dictionary.code('XXX')).toThrow("'XXX' is not in the dictionary")
})
