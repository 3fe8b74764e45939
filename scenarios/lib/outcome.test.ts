/** What a run hands over, of whatever kind it was: whoever merges or judges it has nothing else to go by. */
import { expect, test } from 'vitest'
import { measurementSchema } from '../../gap/measurement.ts'
import { simulatedRun } from '../in-node/run.ts'
import { inScenario } from '../in-node/scenario.ts'

const answering = (to: string) => {
  if (to.includes('pg_prepared_statements')) return { ms: 0, value: [{ statements: 1 }] }
  return to.startsWith('http') ? { ms: 5, value: [2.5] } : { ms: 1, value: 2.5 }
}

test('sides at rates of their own are no pair, and who is not named in a pair rests', async () => {
  const { measurement } = await simulatedRun(answering, {
    RATES: '[{"postgres": 100, "python": 40}, {"postgres": 50}]',
    ...{ MAX_CLIENTS: '1', BLOCK_SECONDS: '2' },
  })
  expect(measurement.pairs).toEqual([])
  expect(measurement.settings).toMatchObject({ rate: 100, pairs: 2, clients: [1] })
  expect(measurement.blocks.map(({ key, pair, open }) => [key, pair, open?.rate])).toEqual(
    expect.arrayContaining([
      ['postgres', 1, 100],
      ['python', 1, 40],
      ['postgres', 2, 50],
    ]),
  )
  expect(measurement.blocks).toHaveLength(3)
})

test('each side is told with what it is of, how far it goes and how many keys it is asked', async () => {
  const { measurement } = await simulatedRun(answering, {
    BESIDE: 'postgres:null,postgres-constant,python-framework,python:batch5',
    NULL_POSTGRES_URL: 'postgres://nothing/',
    PAIRS: '1',
  })
  const [sql, http] = [{ protocol: 'sql', mode: 'prepared' } as const, { protocol: 'http' } as const]
  expect(measurement.workload.asked).toStrictEqual([
    { key: 'postgres', base: 'postgres', role: 'predict', ...sql },
    { key: 'python', base: 'python', role: 'predict', ...http },
    { key: 'postgres-null', base: 'postgres', role: 'null', of: 'postgres', ...sql },
    {
      ...{ key: 'postgres-constant', base: 'postgres-constant', role: 'part', of: 'postgres', ...sql },
      until: 'server without a row',
    },
    {
      ...{ key: 'python-framework', base: 'python-framework', role: 'part', of: 'python', ...http },
      until: 'HTTP and framework',
    },
    { key: 'python-batch5', base: 'python', role: 'predict', size: 5, ...http },
  ])
})

test.each([
  ['closed', {}, 500],
  ['open', { RATE: '50', MAX_CLIENTS: '1', BLOCK_SECONDS: '2' }, 1000],
])('one part of several, in the %s model, says what makes it one of them', async (_, env, turnMs) => {
  const startAt = '2026-01-31T12:00:00.000Z'
  const { measurement } = await simulatedRun(answering, { START_AT: startAt, PAIRS: '1', ...env })
  const turns = measurement.blocks.reduce((sum, block) => sum + block.turns.length, 0)
  expect(turns).toBeGreaterThan(0)
  expect(measurement.parts).toEqual([
    {
      ...{ part: 1, of: 1, session: 1, startAt, skew: null, turnMs, turns, late: expect.any(Number) },
      machine: { host: expect.any(String), cores: expect.any(Number) },
      made: {
        program: expect.any(String),
        workload: expect.any(String),
        keys: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    },
  ])
  expect(measurementSchema.safeParse(measurement).error).toBeUndefined()
})

test('who is alone is no part', async () => {
  const { measurement } = await simulatedRun(answering, { PAIRS: '1' })
  expect('parts' in measurement).toBe(false)
})

test('which part it was, and what the parts told each other, which is no work of the run', async () => {
  const world = await inScenario({ PAIRS: '1', BLOCK_SECONDS: '2', START_AT: '1900000000' })
  world.answer = answering
  // As begin() notes it, before anybody is asked.
  world.meetings['part/own'] = { at: 10, sums: [1, 3] }
  world.meetings['part/begin'] = { at: 20, sums: [0, 4, 1] }
  const { measurePair } = await import('./choreography.ts')
  measurePair(1, 1)
  const { parts, time, startedAt } = (await import('./outcome.ts')).measured()
  expect(parts).toMatchObject([
    {
      ...{ part: 2, of: 3, startAt: '2030-03-17T17:46:40.000Z' },
      skew: { key: 'postgres', aheadMs: 4, withinMs: 1 },
    },
  ])
  expect(time?.sessions[0]?.startupMs).toBeGreaterThanOrEqual(1000)
  expect([startedAt, time?.sessions[0]?.startedAt]).toEqual(Array(2).fill('1970-01-01T00:00:00.000Z'))
})

test('connections are counted where they were opened: by side, and by number of clients', async () => {
  const { measurement } = await simulatedRun(answering, {
    ...{ CLIENTS: '1,20', PAIRS: '1', BLOCK_SECONDS: '1', BESIDE: 'postgres:null' },
    ...{ NULL_POSTGRES_URL: 'postgres://nothing/' },
  })
  const { connections, time } = measurement
  expect(connections?.map(({ key, clients }) => [key, clients])).toEqual(
    [1, 20].flatMap((clients) => ['postgres', 'python', 'postgres-null'].map((key) => [key, clients])),
  )
  for (const { key, clients, opened } of connections ?? []) {
    const own = time?.spent.find(
      (each) =>
        each.key === key && each.clients === clients && `${each.phase}/${each.stage}` === 'measure/opening',
    )
    expect(opened).toBe(own?.count ?? 0)
  }
  // Turns at 20 clients are longer, so that fewer openings are in a second; each is one of 20.
  expect(new Set(connections?.map(({ opened }) => opened)).size).toBeGreaterThan(1)
  expect(measurement.settings).toMatchObject({ beside: ['postgres-null'], clients: [1, 20] })
})
