import { beforeEach, expect, test, vi } from 'vitest'
import { sql } from '../workload/workload.ts'
import { postgresAddress } from './address/postgres.ts'
import { factsOf } from './facts.ts'

/** What the database says of its threads. */
const database = vi.hoisted(() => ({ threads: {} as { openmp: string | null; predicting: string | null } }))
vi.mock('../build/probe.ts', () => ({ probe: () => 'k6 v1.8.1' }))
vi.mock('./postgres/session.ts', () => ({ setSession: async () => {} }))
vi.mock('./postgres/client.ts', () => ({
  withClient: async (_: unknown, work: (client: unknown) => unknown) =>
    work({
      query: async (text: string) => ({
        rows: text.includes('pg_extension')
          ? [{ name: 'pgml', version: '2.10.0' }]
          : text.includes('omp_num_threads')
            ? [database.threads]
            : [
                { name: 'server_version', value: '15.4' },
                { name: 'jit', value: 'off' },
              ],
      }),
    }),
}))
beforeEach(() => {
  database.threads = { openmp: null, predicting: null }
})

const side = sql({ name: 'database', address: 'X', query: 'SELECT 1', parameters: () => [] })
const words = async () => {
  const { targets } = await factsOf([{ side, address: postgresAddress('postgres://me@database/x') }], {})
  return targets.database?.slice(targets.database.indexOf('jit'))
}

test('a database without settings for the threads of a prediction says nothing of them', async () => {
  expect(await words()).toBe('jit off')
})

test('one thread is named', async () => {
  database.threads = { openmp: '1', predicting: '1' }
  expect(await words()).toBe('jit off, pgml.predict_concurrency 1, pgml.omp_num_threads 1')
})

test.each([
  [null, '1', 'pgml.predict_concurrency 2 (its default), pgml.omp_num_threads 1'],
  ['4', '1', 'pgml.predict_concurrency 4, pgml.omp_num_threads 1'],
  ['1', '2', 'pgml.predict_concurrency 1, pgml.omp_num_threads 2'],
])('more than one is told with what to do: %s and %s', async (predicting, openmp, settings) => {
  database.threads = { openmp, predicting }
  expect(await words()).toContain(`one row is predicted by more than one thread (${settings})`)
  expect(await words()).toContain('add options=-c%20pgml.predict_concurrency%3D1 to its address')
})
