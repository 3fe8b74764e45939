import { expect, test } from 'vitest'
import { crosscheckRows } from './crosscheck.ts'

const round = (clients: number, pgbench: number, k6Postgres: number, http: number, k6Python: number) => ({
  clients,
  sides: { postgres: { own: pgbench, k6: k6Postgres }, python: { own: http, k6: k6Python } },
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
    rows.map(({ clients, sides: { postgres, python } }) => [
      clients,
      postgres?.own,
      postgres?.k6,
      python?.own,
      python?.k6,
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
  expect(row?.sides.postgres?.share.median).toBeCloseTo(0.8, 12)
  expect(row?.sides.python?.share.median).toBeCloseTo(0.5, 12)
  expect(row?.gapByOwnClients?.median).toBeCloseTo(5, 12)
  expect(row?.gapByK6?.median).toBeCloseTo(7, 12)
  expect(row?.sides.postgres?.share.pairs).toBe(3)
})

test('of three sides the gap is that of the first and the last; of one side there is none', () => {
  const alone = { own: 100, k6: 80 }
  const [row] = crosscheckRows(
    [{ clients: 1, sides: { a: { own: 600, k6: 300 }, b: { own: 1, k6: 1 }, c: alone } }],
    1,
  )
  expect([row?.gapByOwnClients?.median, row?.gapByK6?.median]).toEqual([6, 3.75])
  const [single] = crosscheckRows([{ clients: 1, sides: { only: alone } }], 1)
  expect(single?.sides.only).toMatchObject({ own: 100, k6: 80, share: { median: 0.8 } })
  expect(single).not.toHaveProperty('gapByOwnClients')
  expect(single).not.toHaveProperty('gapByK6')
})
