import { expect, test } from 'vitest'
import { inScenario } from '../in-node/scenario.ts'

test('a scenario of one side has as many clients as are wanted, for as long', async () => {
  await inScenario({ CLIENTS: '3', DURATION: '7' })
  const { single } = await import('./single.ts')
  expect(single('postgres').options).toEqual({
    scenarios: {
      'postgres-predict': { executor: 'constant-vus', vus: 3, duration: '7s', gracefulStop: '5s' },
    },
    thresholds: { wrong_answers: ['count==0'] },
    summaryTrendStats: ['avg', 'min', 'med', 'p(95)', 'p(99)', 'max'],
  })
})

test('one client for ten seconds where nobody says how many and how long', async () => {
  await inScenario({})
  const { single } = await import('./single.ts')
  expect(single('python').options.scenarios).toMatchObject({ 'python-predict': { vus: 1, duration: '10s' } })
})

test('a side that the workload has not is told by its name', async () => {
  await inScenario({})
  const { single } = await import('./single.ts')
  expect(() => single('nobody')).toThrow('nobody')
})

test('a user connects once, and asks for one answer after the other', async () => {
  const world = await inScenario({})
  const asked: unknown[] = []
  world.answer = (_, key?: unknown) => {
    asked.push(key)
    return { ms: 5, value: [2.5] }
  }
  const { single } = await import('./single.ts')
  const { iteration } = single('python')
  expect(world.opened).toEqual([])
  for (let time = 0; time < 20; time++) iteration()
  expect(world.opened).toHaveLength(1)
  expect(asked).toHaveLength(20)
  // There are three keys, drawn evenly.
  expect(new Set(asked.map(String)).size).toBe(3)
  const { default: recorder } = await import('k6/x/recorder')
  const [series, ...more] = recorder.export().series
  expect(more).toEqual([])
  expect(series).toMatchObject({
    side: 'python',
    block: 'all',
    ok: { count: 20, meanMs: 5 },
    failed: { count: 0 },
  })
})
