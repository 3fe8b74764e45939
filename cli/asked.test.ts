import { describe, expect, test, vi } from 'vitest'

vi.mock('../targets/facts.ts', () => ({
  machine: () => ({}),
  factsOf: async () => ({ versions: {}, targets: { database: 'jit off', service: '2 workers' } }),
}))
vi.mock('./targets.ts', () => ({
  predictingSides: () => [],
  othersOf: ({ workload }: { workload: { beside: unknown[] } }) => workload.beside,
}))

const { besideOf, partsOf, rowsOf } = await import('./asked.ts')
const { Missed } = await import('./missed.ts')

test('that a side was asked once again stands beside its settings', async () => {
  const { signal } = new AbortController()
  const askedAgain = new Map([['database', 'its first question failed']])
  const workload = { sides: [], beside: [] }
  const targets = { workload, asked: { answer: 'number', texts: {}, variables: {}, askedAgain } }
  const parts = await partsOf(targets as never, new Missed(signal))
  expect(parts.targets).toEqual({ database: 'jit off, its first question failed', service: '2 workers' })
})

describe('a pooler before a database', () => {
  const targets = (followsPreparedStatements: boolean) =>
    ({
      workload: {
        sides: [{ name: 'database' }, { name: 'cache' }, { name: 'service' }],
        beside: [
          { name: 'database-fast', of: 'database', address: 'DATABASE_URL' },
          { name: 'database-pooled', of: 'database', address: 'POOLER_URL' },
        ],
      },
      stack: { poolers: () => ({ POOLER_URL: { followsPreparedStatements } }) },
    }) as never

  test('is a row of its own behind the side that it leads to, and nothing that is asked a little', () => {
    expect(rowsOf(targets(true), 'prepared')).toEqual(['database', 'database-pooled', 'cache', 'service'])
    expect(besideOf(targets(true))).toEqual([
      ...['database:null', 'cache:null', 'service:null'],
      'database-fast',
    ])
  })

  test.each([
    [true, 'prepared', 'database-pooled'],
    [false, 'prepared', 'database-pooled:extended'],
    [false, 'simple', 'database-pooled'],
  ] as const)('that follows prepared statements (%s) is asked in mode %s as %s', (follows, mode, word) => {
    expect(rowsOf(targets(follows), mode)[1]).toBe(word)
  })
})
