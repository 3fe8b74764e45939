import { expect, test } from 'vitest'
import { crosscheckRows } from './crosscheck.ts'

const round = (clients: number, pgbench: number, k6Postgres: number, http: number, k6Python: number) => ({
  clients,
  pgbench,
  k6Postgres,
  http,
  k6Python,
})

test('one row for each number of clients, of the medians of its rounds', () => {
  const rows = crosscheckRows(
    [
      round(1, 100, 90, 20, 18),
      round(4, 400, 200, 40, 10),
      round(1, 300, 240, 60, 30),
      round(1, 200, 140, 40, 28),
    ],
    1,
  )
  expect(
    rows.map(({ clients, pgbench, k6Postgres, http, k6Python }) => [
      clients,
      pgbench,
      k6Postgres,
      http,
      k6Python,
    ]),
  ).toEqual([
    [1, 200, 140, 40, 28],
    [4, 400, 200, 40, 10],
  ])
})

test('shares and gaps are ratios of the same round', () => {
  // Medians of columns would give 0.7 for the first share.
  const [row] = crosscheckRows(
    [round(1, 100, 90, 20, 16), round(1, 300, 240, 60, 30), round(1, 200, 140, 50, 20)],
    1,
  )
  const middle = (name: 'postgresShare' | 'pythonShare' | 'gapByOwnClients' | 'gapByK6') => row?.[name].median
  expect(middle('postgresShare')).toBeCloseTo(0.8, 12)
  expect(middle('pythonShare')).toBeCloseTo(0.5, 12)
  expect(middle('gapByOwnClients')).toBeCloseTo(5, 12)
  expect(middle('gapByK6')).toBeCloseTo(7, 12)
  expect(row?.postgresShare.pairs).toBe(3)
})
