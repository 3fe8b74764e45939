import { expect, test } from 'vitest'
import { ratioOf } from '../gap/ratio.ts'
import { ends, withInterval } from './table.ts'

test('a ratio has its interval, and that of a single pair no end', () => {
  expect(withInterval({ median: 6, low: 5.5, high: 12.25, pairs: 9 })).toBe('6.00× [5.50, 12.3]')
  expect(withInterval(ratioOf([[5]]))).toBe('5.00× [0.000, ∞]')
})

test('of a single pair both ends are told shortly, whichever side is the faster', () => {
  const { low, high } = ratioOf([[0.2]])
  expect(ends(low, high)).toBe('[0.000, ∞]')
  expect(ends(1 / high, 1 / low)).toBe('[0.000, ∞]')
})
