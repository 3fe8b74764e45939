import { expect, test } from 'vitest'
import { addFailure, askBeside, sampleBlock, sampleMeasurement } from './fixture.ts'
import type { Measurement } from './measurement.ts'
import { premisesOf } from './premises.ts'

const repeat = (count: number, ms: number) => Array.from({ length: count }, () => ms)

const premise = (measurement: Measurement, name: string) => {
  const found = premisesOf(measurement).find((each) => each.name === name)
  if (!found) throw new Error(`no premise ${name}`)
  return found
}

/** A stage of one side that took a minute while nothing was measured. */
function standingStill(...keys: string[]) {
  const measurement = sampleMeasurement()
  for (const key of keys) {
    const stage = measurement.time?.spent.find(
      (each) => each.key === key && each.stage === 'opening' && each.phase === 'measure',
    )
    if (!stage) throw new Error(`no opening of ${key}`)
    Object.assign(stage, { largestMs: 60_000, medianMs: 1 })
  }
  return measurement
}

test.each([
  ['python', 'opening', true],
  ['python', 'lead', true],
  ['python', 'measure', false],
  ['postgres', 'opening', false],
] as const)('who stood still: failures of %s in %s explain it: %s', (key, phase, explains) => {
  const measurement = standingStill('python')
  addFailure(measurement, key, phase, 'ECONNRESET')
  const { cause = '' } = premise(measurement, 'outside the turns')
  expect(cause.includes('ECONNRESET')).toBe(explains)
  if (!explains) expect(cause).toMatch(/^python stood still/)
})

test('where both sides stood still it was the machine; each is told', () => {
  const { cause, seen } = premise(standingStill('postgres', 'python'), 'outside the turns')
  expect(cause).toMatch(/^the machine stood still/)
  expect(seen).toMatch(/postgres at 1 client: .*; python at 1 client: /)
})

test('what took longest is told of what was measured, and not of who waited for others', () => {
  const measurement = sampleMeasurement()
  const spent = measurement.time?.spent ?? []
  for (const each of spent) if (each.largestMs !== null) each.largestMs = 1
  const set = (stage: string, phase: string, ms: number) => {
    for (const each of spent) if (each.stage === stage && each.phase === phase) each.largestMs = ms
  }
  set('opening', 'measure', 42)
  set('settling', 'measure', 7)
  set('opening', 'warmup', 77)
  set('waiting', 'measure', 99)
  expect(premise(measurement, 'outside the turns')).toMatchObject({
    holds: true,
    seen: 'between the requests that count nothing stood still; what took longest there took 42 ms',
  })
})

test('a request that failed by the loss of its connection may have done so outside the blocks', () => {
  const holds = (key: string, phase: string, failed: number) => {
    const measurement = sampleMeasurement()
    for (const each of measurement.connections ?? []) if (each.key === 'python') each.replaced = 2
    const stage = measurement.time?.spent.find((each) => each.key === key && each.phase === phase)
    Object.assign(stage ?? {}, { failed })
    return premise(measurement, 'keep-alive').holds
  }
  expect(holds('python', 'measure', 2)).toBe(true)
  expect(holds('python', 'measure', 1)).toBe(false)
  expect(holds('python', 'warmup', 2)).toBe(false)
  expect(holds('postgres', 'measure', 2)).toBe(false)
})

test('lost connections are told side by side, and explained by what failed on any of these', () => {
  const measurement = sampleMeasurement()
  for (const each of measurement.connections ?? []) each.replaced = 2
  expect(premise(measurement, 'keep-alive').seen).toMatch(/^postgres: 2 .*; python: 2 /)
  delete measurement.time
  expect(premise(measurement, 'keep-alive').holds).toBe(false)
  addFailure(measurement, 'python', 'measure', 'ECONNRESET')
  expect(premise(measurement, 'keep-alive').cause).toContain('ECONNRESET')
  for (const each of measurement.connections ?? []) if (each.key === 'python') each.replaced = 0
  expect(premise(measurement, 'keep-alive').cause).toMatch(/closes connections/)
})

test("what failed on the side that breaks Little's law explains it, and on another not", () => {
  const measurement = sampleMeasurement()
  for (const each of measurement.blocks) if (each.key === 'python') each.concurrency = 1.25
  addFailure(measurement, 'postgres', 'measure', 'SQLSTATE 57014')
  expect(premise(measurement, "Little's law").cause).toMatch(/takes the cores/)
  addFailure(measurement, 'python', 'measure', 'HTTP 503')
  expect(premise(measurement, "Little's law").cause).toContain('HTTP 503')
})

test('where nothing can be said of the clients, any failure may be why', () => {
  const measurement = sampleMeasurement()
  for (const each of measurement.blocks) each.concurrency = null
  addFailure(measurement, 'postgres', 'measure', 'SQLSTATE 57014')
  expect(premise(measurement, "Little's law").cause).toContain('SQLSTATE 57014')
})

test('each number of clients is held against its own', () => {
  const measurement = sampleMeasurement()
  measurement.settings.clients = [1, 4]
  measurement.blocks.push(...measurement.blocks.map((each) => ({ ...each, clients: 4, concurrency: 4 })))
  expect(premise(measurement, "Little's law").holds).toBe(true)
})

/** At each number of clients both sides, with null operations that answer so many times as often. */
function withHeadroom(clients: number[], times: (side: 'postgres' | 'python', clients: number) => number) {
  const measurement = sampleMeasurement()
  measurement.settings.clients = clients
  askBeside(measurement, 'postgres-null', 'python-null')
  measurement.blocks = clients.flatMap((count) =>
    (['postgres', 'python'] as const).flatMap((side) =>
      [1, 2, 3, 4].flatMap((pair) => [
        { ...sampleBlock(side, pair, repeat(100, 1)), clients: count, concurrency: count },
        {
          ...sampleBlock(side, pair, repeat(100 * times(side, count), 1)),
          ...{ clients: count, key: `${side}-null`, phase: 'beside' as const },
        },
      ]),
    ),
  )
  return premise(measurement, 'client not saturated')
}

test.each([
  [
    'the fewest clients alone are looked at',
    [4, 2],
    (_: string, clients: number) => (clients === 2 ? 5 : 2),
    true,
  ],
  [
    'the fewest clients alone are looked at',
    [2, 4],
    (_: string, clients: number) => (clients === 2 ? 2 : 5),
    false,
  ],
  [
    'one side that is not asked fast enough is enough',
    [2],
    (side: string) => (side === 'python' ? 2 : 5),
    false,
  ],
  ['so is the other', [2], (side: string) => (side === 'python' ? 5 : 2), false],
] as const)('%s: %j', (_, clients, times, holds) => {
  expect(withHeadroom([...clients], times)).toMatchObject({ holds })
})

test('the client is told with both sides', () => {
  expect(withHeadroom([2], (side) => (side === 'python' ? 4 : 5)).seen).toBe(
    'at 2 clients a null operation is answered 5.0 times as often as postgres, 4.0 times as often as python',
  )
})

test('three times as often is enough', () => {
  const high = (value: number) => {
    const ratio = { median: value, low: value, high: value, pairs: 4 }
    const measurement = sampleMeasurement()
    const costs = [{ key: 'postgres', clients: 1, headroom: ratio }] as Parameters<typeof premisesOf>[1]
    return premisesOf(measurement, costs).find(({ name }) => name === 'client not saturated')?.holds
  }
  expect([high(3), high(2.999)]).toEqual([true, false])
})

test('silent blocks of two sides are explained by what failed on either', () => {
  const measurement = sampleMeasurement()
  measurement.blocks[0] = sampleBlock('postgres', 1, [])
  measurement.blocks[1] = sampleBlock('python', 1, [])
  addFailure(measurement, 'python', 'measure', 'HTTP 503')
  expect(premise(measurement, 'answers').cause).toContain('HTTP 503')
})

test('time that is known is of all sessions, where there is one', () => {
  const measurement = sampleMeasurement()
  const [session] = measurement.time?.sessions ?? []
  if (!session || !measurement.time) throw new Error('no session')
  measurement.time.sessions = [
    { ...session, lengthMs: 1000, accountedMs: 1000 },
    { ...session, lengthMs: 3000, accountedMs: 2000 },
  ]
  expect(premise(measurement, 'time accounted for').seen).toBe('75.0 % of the 4.0 s that k6 ran')
})
