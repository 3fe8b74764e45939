import { expect, test } from 'vitest'
import { BadInput } from '../build/failure.ts'
import type { LoadedWorkload } from '../build/workload.ts'
import { http, sql } from '../workload/workload.ts'
import { checkBatches } from './batches.ts'

const database = sql({
  name: 'database',
  address: 'DATABASE_URL',
  query: 'SELECT $1',
  parameters: () => [1],
  batch: { query: 'SELECT unnest($1::int[])', parameters: (keys) => [keys] },
})
const service = http({ name: 'service', address: 'SERVICE_URL', body: (key) => key })

test('sides that have a batch may be asked for several keys at once', () => {
  expect(() => checkBatches({ sides: [database] } as unknown as LoadedWorkload, [1, 5])).not.toThrow()
})

test('a side without one is named, with what to write', () => {
  let refused: unknown
  try {
    checkBatches({ sides: [database, service] } as unknown as LoadedWorkload, [5, 20])
  } catch (error) {
    refused = error
  }
  expect(refused).toBeInstanceOf(BadInput)
  const { message, hint } = refused as BadInput
  expect(message).toBe('--batch 5: service has no batch, so it cannot be asked for several keys at once')
  expect(hint).toContain("batch: { path: '/batch', body: (keys) => keys")
})
