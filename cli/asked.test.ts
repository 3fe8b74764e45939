import { expect, test, vi } from 'vitest'

vi.mock('../targets/facts.ts', () => ({
  machine: () => ({}),
  factsOf: async () => ({ versions: {}, targets: { database: 'jit off', service: '2 workers' } }),
}))
vi.mock('./targets.ts', () => ({ predictingSides: () => [] }))

const { partsOf } = await import('./asked.ts')
const { Missed } = await import('./missed.ts')

test('that a side was asked once again stands beside its settings', async () => {
  const { signal } = new AbortController()
  const askedAgain = new Map([['database', 'its first question failed']])
  const workload = { sides: [], beside: [] }
  const targets = { workload, asked: { answer: 'number', texts: {}, variables: {}, askedAgain } }
  const parts = await partsOf(targets as never, new Missed(signal))
  expect(parts.targets).toEqual({ database: 'jit off, its first question failed', service: '2 workers' })
})
