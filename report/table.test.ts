import { expect, test } from 'vitest'
import { ratioOf } from '../gap/ratio.ts'
import { withInterval } from './table.ts'

test('a ratio has its interval, and that of a single pair no end', () => {
  expect(withInterval({ median: 6, low: 5.5, high: 12.25, pairs: 9 })).toBe('6.00× [5.50, 12.3]')
  expect(withInterval(ratioOf([[5]]))).toBe('5.00× [0.000, ∞]')
})
