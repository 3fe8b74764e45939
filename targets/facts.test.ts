import { beforeEach, expect, test, vi } from 'vitest'
import { http, sql } from '../workload/workload.ts'
import { httpAddress } from './address/http.ts'
import { postgresAddress } from './address/postgres.ts'
import { factsOf } from './facts.ts'

/** What the database says of its threads. */
const database = vi.hoisted(() => ({ threads: {} as { openmp: string | null; predicting: string | null } }))
vi.mock('../build/probe.ts', () => ({ probe: () => 'k6 v1.8.1' }))
/** What the service says of itself. */
const service = vi.hoisted(() => ({ about: {} }))
vi.mock('./http.ts', () => ({
  ask: async () => ({ body: new TextEncoder().encode(JSON.stringify(service.about)) }),
}))
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

test.each([
  [{ workers: 1, threads: 1 }, '1 worker, 1 thread each'],
  [{ workers: 2, threads: 4 }, '2 workers, 4 threads each'],
  [{ threads: 1, worker_class: 'sync' }, '1 thread each, sync'],
])('a service of %j is told in words', async (about, expected) => {
  service.about = about
  const asked = http({
    name: 'service',
    address: 'Y',
    request: () => ({ path: '/' }),
    about: '/about',
  } as never)
  const { targets } = await factsOf([{ side: asked, address: httpAddress('http://service:80') }] as never, {})
  expect(targets.service).toContain(`, ${expected}`)
})
