import { expect, test } from 'vitest'
import { notOwn, type ToldStretch } from '../../workload/changes.ts'
import { inScenario } from '../in-node/scenario.ts'
import type { Answer, world as World } from '../in-node/world.ts'

/** What one virtual user does and tells, where the sides answer so. Of two clients the third user has changes made, and those behind it. */
async function told(
  user: number,
  answer: (world: typeof World, to: string, body: unknown) => Answer,
  env: Record<string, string> = {},
) {
  const answers = JSON.stringify([
    [10, 20, 30],
    [11, 21, 31],
  ])
  const world = await inScenario(
    {
      ...{ SIDES: 'python', CLIENTS: '2', ROUNDS: '1', BLOCK_SECONDS: '1', SUMMARY_FILE: '/dev/fd/3' },
      ...{ CHANGES_URL: 'http://changes/secret', ...env },
    },
    { 'answers.json': answers },
  )
  world.answer = (to, body) => answer(world, to, body)
  const { default: execution } = await import('k6/execution')
  Object.assign(execution.vu, { idInInstance: user })
  const { default: run } = await import('../changes.ts')
  run()
  return { world, lines: world.saved.map(({ text }) => JSON.parse(text) as ToldStretch) }
}

/** Of the keys in their order: 10, 20, 30. */
const placeOf = (body: unknown) => Number(/^\[(\d+)/.exec(String(body))?.[1]) - 35

test('each answer is told with its times and its state; what failed is counted', async () => {
  let asked = 0
  const { world, lines } = await told(1, (world, _, body) => {
    asked++
    // The first ten, which do not count, take a second; then one fails, one is of no state, and the model changes.
    if (asked === 12) return { ms: 50, error: Object.assign(new Error('busy'), { kind: 'HTTP 503' }) }
    const value = asked === 13 ? 99 : 10 * (placeOf(body) + 1) + (world.time >= 2500 ? 1 : 0)
    return { ms: 100, value: [value] }
  })
  expect(lines).toHaveLength(1)
  const [{ what, clients, round, side, pace, log, failures }] = lines as [ToldStretch]
  expect({ what, clients, round, side, pace }).toEqual({
    ...{ what: 'answers', clients: 2, round: 1, side: 'python', pace: 0 },
  })
  expect(failures).toEqual([{ kind: 'HTTP 503', message: 'busy', count: 1 }])
  const events = Array.from({ length: log.length / 4 }, (_, at) => log.slice(4 * at, 4 * at + 4))
  expect(events.map(([pause, took]) => [pause, took])).toEqual([
    [0, 100_000],
    // The failure lies between.
    [50_000, 100_000],
    ...Array.from({ length: 8 }, () => [0, 100_000]),
  ])
  expect(events.map(([, , , state]) => state)).toEqual([0, 2, 0, 0, 0, 1, 1, 1, 1, 1])
  for (const [, , key] of events) expect([0, 1, 2]).toContain(key)
  expect(world.open).toBe(0)
})

test('changes are made when they are due, by writers with keys of their own, each to the other state of its key', async () => {
  const keysOf: number[][] = []
  const times: number[] = []
  // As many as there are keys: the second change is the second writer's, the fourth the first one's again.
  for (const user of [3, 4, 5]) {
    const orders: { address: string; key: number; state: number }[] = []
    const { lines, world } = await told(
      user,
      (_, to, body) => {
        expect(to).toBe('http://changes/secret')
        orders.push(JSON.parse(String(body)))
        return { ms: 10 }
      },
      { PACES: '[{"perSecond": 4}]' },
    )
    const [{ what, log, before }] = lines as [ToldStretch]
    expect(what).toBe('changes')
    expect(before).toEqual([0, 1, 2].map((key) => (key === user - 3 ? 0 : notOwn)))
    let over = 0
    for (let at = 0; at < log.length; at += 4) {
      times.push(over + (log[at] as number))
      over += (log[at] as number) + (log[at + 1] as number)
    }
    let now = 0
    for (const { address, state } of orders) {
      expect(address).toBe('PYTHON_URL')
      expect(state).toBe(1 - now)
      now = state
    }
    keysOf.push(orders.map(({ key }) => key))
    expect(world.open).toBe(0)
  }
  expect(keysOf).toEqual([[0, 0], [1], [2]])
  expect(times.sort((one, other) => one - other)).toEqual([125_000, 375_000, 625_000, 875_000])
})

test('a change of everything is made once, and back in the next round', async () => {
  const orders: unknown[] = []
  const { lines } = await told(
    3,
    (_, __, body) => {
      orders.push(JSON.parse(String(body)))
      return { ms: 2 }
    },
    { ROUNDS: '2', PACES: '[{"once": 0.4}]' },
  )
  expect(orders).toEqual([1, 0].map((state) => ({ address: 'PYTHON_URL', key: -1, state })))
  expect(lines.map(({ before, log }) => [before, log])).toEqual([
    [
      [0, 0, 0],
      [400_000, 2000, -1, 1],
    ],
    [
      [1, 1, 1],
      [400_000, 2000, -1, 0],
    ],
  ])
})

test('who could not change a side ends the test, and says which one', async () => {
  const failing = told(3, () => ({ ms: 1, error: new Error('HTTP 500: no such model') }))
  await expect(failing).rejects.toThrow('python could not be changed: HTTP 500: no such model')
})
