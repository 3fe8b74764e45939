import { expect, test } from 'vitest'
import { rowsAndKeysInWords } from './words.ts'

const workload = { name: 'churn', digest: 'x', keys: 1000, draw: 'even', answers: 'number' }

test('rows and keys are told where there is more to say than that all are asked for', () => {
  expect(rowsAndKeysInWords(undefined)).toEqual([])
  expect(rowsAndKeysInWords(workload)).toEqual([])
  expect(
    rowsAndKeysInWords({ ...workload, rows: '5 of churn.csv', keys: 100_000, keysInAll: 5_000_000 }),
  ).toEqual([
    ['rows', '5 of churn.csv'],
    ['keys', '100,000 of 5,000,000 by the seed, draw even'],
  ])
})
