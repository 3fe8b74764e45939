import { expect, test } from 'vitest'
import { momentBlock } from '../workload/connections.ts'
import { type Connections, connectionsRows, failuresOfConnections, parseConnections } from './connections.ts'

/** Medians by side, round by round, of the first and the second answer; the longest is twice as long. */
function found(sides: Record<string, [first: number, second: number][]>): Connections {
  return {
    version: 1,
    sides: Object.keys(sides),
    ...{ clients: [100], rounds: Math.max(...Object.values(sides).map(({ length }) => length)), seed: 1 },
    series: Object.entries(sides).flatMap(([side, rounds]) =>
      rounds.flatMap((both, round) =>
        (['first', 'second'] as const).map((moment, at) => ({
          ...{ side, block: momentBlock(100, round + 1, moment), count: 100, failed: 0, failures: [] },
          ...{ p50Ms: both[at] as number, maxMs: 2 * (both[at] as number) },
        })),
      ),
    ),
  }
}

test('first and second answers are medians of rounds, and their ratios are taken round by round', () => {
  const [database, service] = connectionsRows(
    found({
      database: [
        [10, 1],
        [30, 2],
        [20, 4],
      ],
      service: [
        [5, 2],
        [5, 2],
        [5, 2],
      ],
    }),
  )
  expect(database?.answers).toEqual({ first: { p50Ms: 20, maxMs: 40 }, second: { p50Ms: 2, maxMs: 4 } })
  // 10, 15 and 5.
  expect(database?.firstToSecond?.median).toBeCloseTo(10)
  expect(service).toMatchObject({ key: 'service', clients: 100, failed: 0 })
})

test('where nothing was answered there is no figure, and what failed is told once', () => {
  const given = found({ database: [[10, 1]], service: [[5, 2]] })
  for (const one of given.series)
    if (one.side === 'database') {
      one.p50Ms = one.maxMs = null
      one.failed = 3
      one.failures = [{ kind: 'SQLSTATE 53300', count: 3, message: 'sorry, too many clients already' }]
    }
  const [database] = connectionsRows(given)
  expect(database).toEqual({
    ...{ key: 'database', clients: 100, failed: 6 },
    answers: { first: undefined, second: undefined },
  })
  expect(failuresOfConnections(given)).toEqual(['database: SQLSTATE 53300: sorry, too many clients already'])
})

test('what k6 hands over is looked at', () => {
  const given = found({ a: [[1, 1]] })
  expect(parseConnections(JSON.stringify(given))).toEqual(given)
  expect(() => parseConnections('')).toThrow('cannot be read')
  expect(() => parseConnections(JSON.stringify({ ...given, rounds: -1 }))).toThrow('rounds')
})
