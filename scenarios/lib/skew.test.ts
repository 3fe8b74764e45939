import { expect, test } from 'vitest'
import { inScenario } from '../in-node/scenario.ts'

async function skewOf(env: Record<string, string>, answer: (to: string, time: number) => object) {
  const world = await inScenario({ SIDES: 'postgres,python', ...env })
  world.answer = (to) => {
    const ms = 2
    return { ms, ...answer(to, world.time + ms) }
  }
  const { sides } = await import('./comparison.ts')
  const { skewAgainst } = await import('./skew.ts')
  return { found: skewAgainst(sides), world }
}

/** The world's clock is 120 ms ahead. */
const ahead = 120

test('against a database it is known to half of what an answer takes', async () => {
  const { found, world } = await skewOf({}, (to, now) =>
    to.includes('clock_timestamp') ? { value: [{ now: now - 1 - ahead }] } : { value: 1 },
  )
  expect(found).toEqual({ key: 'postgres', aheadMs: ahead, withinMs: 1 })
  expect(world.open).toBe(0)
})

test('by the Date of a service the edge of a second is found', async () => {
  const { found } = await skewOf({ SIDES: 'python' }, (_, now) => ({
    value: 1,
    headers: { Date: new Date(now - 1 - ahead).toUTCString() },
  }))
  expect(found?.key).toBe('python')
  expect(Math.abs((found?.aheadMs ?? 0) - ahead)).toBeLessThanOrEqual(found?.withinMs ?? 0)
  // It is asked every 5 ms, and an answer takes 2.
  expect(found?.withinMs).toBeLessThan(10)
})

test('a side that cannot say leaves it to the next, and none is none', async () => {
  const dated = await skewOf({}, (to, now) => {
    if (to.includes('clock_timestamp')) return { error: new Error('no such function') }
    return { value: 1, headers: { Date: new Date(now - ahead).toUTCString() } }
  })
  expect(dated.found?.key).toBe('python')
  const { found } = await skewOf({}, () => ({ value: 'now' }))
  expect(found).toBeUndefined()
})

test('readings that contradict each other say how little is known', async () => {
  const { skewIn } = await import('./skew.ts')
  expect(
    skewIn([
      [1000, 1002, 1001, 1001],
      [2000, 2002, 1901, 1901],
    ]),
  ).toEqual({ aheadMs: 50, withinMs: 49 })
})
