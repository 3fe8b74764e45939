import { expect, test } from 'vitest'
import { ratioOf } from '../gap/ratio.ts'
import { figure, withInterval } from './table.ts'

test('figures have as many digits as tell them apart', () => {
  expect([1234.5, 12.345, 1.2345, 0.12345, -0.5, Number.NaN].map(figure)).toEqual([
    '1,235',
    '12.3',
    '1.23',
    '0.123',
    '-0.500',
    '-',
  ])
})

test('a ratio has its interval, and that of a single pair no end', () => {
  expect(withInterval({ median: 6, low: 5.5, high: 12.25, pairs: 9 })).toBe('6.00× [5.50, 12.3]')
  expect(withInterval(ratioOf([[5]]))).toBe('5.00× [0.000, ∞]')
})
