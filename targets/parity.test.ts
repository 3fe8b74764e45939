import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { relativeDifference, sample } from './parity.ts'
import { predictQuery } from './postgres/training.ts'

test('relative difference', () => {
  expect(relativeDifference(0, 0)).toBe(0)
  expect(relativeDifference(2, 1)).toBe(0.5)
  expect(relativeDifference(-1, 1)).toBe(2)
  expect(relativeDifference(Number.NaN, 1)).toBeNaN()
})

test('a sample repeats nothing, follows its seed, and is all there is at most', () => {
  const keys = Array.from({ length: 50 }, (_, index) => [1, 2013, 1, index] as const)
  const drawn = sample([...keys], 20, 1)
  expect(new Set(drawn.map(String)).size).toBe(20)
  expect(sample([...keys], 20, 1)).toEqual(drawn)
  expect(sample([...keys], 20, 2)).not.toEqual(drawn)
  expect(sample([...keys], 1000, 1)).toHaveLength(50)
})

test('parity is checked with the query that the scenario measures', async () => {
  const scenario = await readFile(new URL('../scenarios/lib/postgres.ts', import.meta.url), 'utf8')
  const query = /predictQuery = `([^`]*)`/.exec(scenario)?.[1] ?? ''
  const plain = (text: string) => text.replaceAll(/\s+/g, ' ')
  expect(plain(query)).toBe(plain(predictQuery))
})
