/** What a comparison takes from variables: each decides what is asked of somebody's targets. */
import { expect, test } from 'vitest'
import { inScenario } from '../in-node/scenario.ts'

async function comparison(env: Record<string, string> = {}) {
  await inScenario(env)
  return import('./comparison.ts')
}

test('a schedule gives each side its own rate in each pair, and the largest is what clients are for', async () => {
  const { rate, rateOf, settings, open } = await comparison({
    RATES: '[{"postgres": 40.5, "python": 20}, {"postgres": 60.2}]',
    MAX_CLIENTS: '7',
    PAIRS: '9',
  })
  expect(rate).toBe(61)
  expect([rateOf('postgres', 1), rateOf('python', 1), rateOf('postgres', 2)]).toEqual([40.5, 20, 60.2])
  // It rests; and of a pair that there is not nothing is due.
  expect([rateOf('python', 2), rateOf('postgres', 3)]).toEqual([0, 0])
  expect([settings.pairs, settings.clients]).toEqual([2, [7]])
  expect(open.arrivals).toBe('even')
})

test('without a schedule all sides have one rate', async () => {
  const { rateOf, settings } = await comparison({ RATE: '30' })
  expect([rateOf('postgres', 1), rateOf('python', 4)]).toEqual([30, 30])
  expect([settings.pairs, settings.clients]).toEqual([4, [100]])
})

test.each([
  [{}, { startAt: undefined, leastTurn: 500, turnMs: 1000, arrivals: 'even', lead: 0 }],
  [{ START_AT: '10' }, { startAt: 10_000 }],
  [{ TURN_SECONDS: '3' }, { leastTurn: 3000, turnMs: 3000 }],
  [{ ARRIVALS: 'poisson' }, { arrivals: 'poisson' }],
  [{ ARRIVALS: 'even' }, { arrivals: 'even' }],
  [{ OPEN_LEAD: '0.3' }, { lead: 0.3 }],
])('%j', async (env, expected) => {
  const { startAt, leastTurn, open } = await comparison(env as Record<string, string>)
  expect({ startAt, leastTurn, ...open }).toMatchObject(expected)
})

test('how much is asked, where nothing is said and where it is', async () => {
  const { settings } = await comparison()
  expect(settings).toEqual({ clients: [1], pairs: 4, blockSeconds: 2, warmupSeconds: 10, seed: 1 })
  const chosen = { CLIENTS: '2,3', PAIRS: '5', BLOCK_SECONDS: '6', WARMUP_SECONDS: '7', SEED: '8' }
  expect((await comparison(chosen)).settings).toEqual({
    ...{ clients: [2, 3], pairs: 5, blockSeconds: 6, warmupSeconds: 7, seed: 8 },
  })
})

test.each([
  'RATE',
  'TURN_SECONDS',
  'PAIRS',
  'BLOCK_SECONDS',
  'WARMUP_SECONDS',
  'CLIENTS',
  'SEED',
])('a value of %s that does not fit is refused by that name', (name) =>
  expect(comparison({ [name]: '-1' })).rejects.toThrow(`${name}: '-1'; expected `))

test.each([
  [{ START_AT: 'soon' }, "START_AT: 'soon'; expected a moment"],
  [{ RATE: '1', MAX_CLIENTS: '0' }, "MAX_CLIENTS: '0'; expected "],
  [{ SIDES: 'nobody' }, 'nobody'],
  [{ BESIDE: 'nobody' }, 'nobody'],
  [{ ARRIVALS: 'poison' }, "ARRIVALS: 'poison'; expected one of even, poisson"],
  [{ OPEN_LEAD: '1' }, "OPEN_LEAD: '1'; expected a share"],
  // What is asked beside has an address that is looked at, too.
  [{ BESIDE: 'postgres:null', NULL_POSTGRES_URL: '' }, 'NULL_POSTGRES_URL: is not set'],
  [{ POSTGRES_URL: '' }, 'POSTGRES_URL: is not set'],
])('%j is refused', async (env, message) => {
  await expect(comparison(env as Record<string, string>)).rejects.toThrow(message)
})

test('the last side is what all others are compared with, and null operations predict nothing', async () => {
  const { lastSide, predicting } = await comparison({
    SIDES: 'python,postgres',
    BESIDE: 'postgres:null,postgres:fast',
    NULL_POSTGRES_URL: 'postgres://nothing/',
  })
  expect(lastSide).toBe('postgres')
  expect(predicting.map(({ key }) => key)).toEqual(['python', 'postgres', 'postgres-fast'])
})
