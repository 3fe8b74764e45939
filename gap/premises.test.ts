import { describe, expect, test } from 'vitest'
import { askBeside, latenciesOf, sampleBlock, sampleMeasurement } from './fixture.ts'
import type { FailureKind } from './measurement.ts'
import { premisesOf } from './premises.ts'

const broken = (measurement: ReturnType<typeof sampleMeasurement>) =>
  premisesOf(measurement).flatMap(({ name, holds }) => (holds ? [] : [name]))

test('a sound run breaks none', () => {
  expect(broken(sampleMeasurement())).toEqual([])
})

test.each([
  'postgres',
  'python',
])('one connection of %s that took the place of a lost one breaks keep-alive', (key) => {
  const measurement = sampleMeasurement()
  for (const each of measurement.connections ?? []) if (each.key === key) each.replaced = 1
  expect(broken(measurement)).toEqual(['keep-alive'])
  expect(premisesOf(measurement)[0]?.seen).toContain(`${key}: 1 connections were lost`)
})

test('where a request failed by the loss of its connection, its failure says so', () => {
  const measurement = sampleMeasurement()
  for (const each of measurement.connections ?? []) if (each.key === 'python') each.replaced = 2
  for (const block of measurement.blocks.slice(0, 4).filter(({ key }) => key === 'python'))
    block.failed = latenciesOf([3])
  expect(broken(measurement)).toEqual([])
})

test('one side that stood still is told from a machine that did', () => {
  const measurement = sampleMeasurement()
  const stop = (key: string) => {
    for (const each of measurement.time?.spent ?? [])
      if (each.key === key && each.stage === 'settling') Object.assign(each, { largestMs: 5000 })
  }
  stop('python')
  expect(brokenOf(measurement, 'outside the turns')?.cause).toContain('python stood still')
  stop('postgres')
  expect(brokenOf(measurement, 'outside the turns')?.cause).toContain('the machine stood still')
})

test('a run of before looked at neither connections nor time', () => {
  const { connections: _, time: __, ...measurement } = sampleMeasurement()
  expect(premisesOf(measurement).map(({ name }) => name)).toEqual([
    'prepared',
    'answers',
    'same keys, same model',
    "Little's law",
  ])
  expect(broken(measurement)).toEqual([])
})

test('time that is not accounted for', () => {
  const measurement = sampleMeasurement()
  const [session] = measurement.time?.sessions ?? []
  if (session) Object.assign(session, { lengthMs: 10_000, accountedMs: 9490 })
  expect(broken(measurement)).toEqual(['time accounted for'])
})

test('a statement that is not prepared breaks a premise of the prepared mode only', () => {
  const measurement = sampleMeasurement()
  measurement.premises.unpreparedClients = 1
  expect(broken(measurement)).toEqual(['prepared'])
  for (const side of measurement.workload.asked) if (side.mode) side.mode = 'extended'
  expect(broken(measurement)).toEqual([])
})

test('a block without an answer', () => {
  const measurement = sampleMeasurement()
  measurement.blocks[2] = sampleBlock('postgres', 1, [])
  expect(broken(measurement)).toEqual(['answers'])
})

test('a side that predicts something else', () => {
  const measurement = sampleMeasurement()
  measurement.premises.different = 1
  expect(broken(measurement)).toEqual(['same keys, same model'])
  measurement.premises = { ...measurement.premises, different: 0, compared: 0 }
  expect(broken(measurement)).toEqual(['same keys, same model'])
})

test.each([
  [1.02, []],
  [0.98, []],
  [1.04, ["Little's law"]],
  [0.96, ["Little's law"]],
  [null, ["Little's law"]],
])("clients by Little's law: %s instead of 1", (concurrency, expected) => {
  const measurement = sampleMeasurement()
  for (const block of measurement.blocks) block.concurrency = concurrency
  expect(broken(measurement)).toEqual(expected)
})

test('one side alone that breaks it is enough', () => {
  const measurement = sampleMeasurement()
  for (const block of measurement.blocks) if (block.key === 'python') block.concurrency = 1.1
  expect(broken(measurement)).toEqual(["Little's law"])
})

test.each([
  [0.3, []],
  [0.4, ['client not saturated']],
])('a null operation of %f ms beside a target of 1 ms', (ms, expected) => {
  const measurement = sampleMeasurement()
  askBeside(measurement, 'postgres-null')
  const count = Math.round(1000 / ms)
  for (const pair of [1, 2, 3, 4])
    measurement.blocks.push({
      ...sampleBlock(
        'postgres',
        pair,
        Array.from({ length: count }, () => ms),
      ),
      key: 'postgres-null',
      phase: 'beside',
    })
  expect(broken(measurement)).toEqual(expected)
})

test('two pairs just below the bound say nothing for sure of the client', () => {
  const measurement = sampleMeasurement()
  askBeside(measurement, 'postgres-null')
  for (const [pair, ms] of [
    [1, 0.37],
    [2, 0.355],
  ] as const)
    measurement.blocks.push({
      ...sampleBlock(
        'postgres',
        pair,
        Array.from({ length: Math.round(1000 / ms) }, () => ms),
      ),
      key: 'postgres-null',
      phase: 'beside',
    })
  const client = premisesOf(measurement).find(({ name }) => name === 'client not saturated')
  expect(client).toMatchObject({
    holds: true,
    seen: expect.stringContaining('2.8 times as often as postgres'),
  })
})

test('in the open model clients come and go', () => {
  const measurement = sampleMeasurement()
  measurement.settings.rate = 100
  for (const block of measurement.blocks) block.concurrency = null
  expect(broken(measurement)).toEqual([])
})

const failed = (change: Partial<FailureKind>): FailureKind => ({
  ...{ key: 'postgres', clients: 1, session: 1, phase: 'measure' as const },
  ...{ kind: 'SQLSTATE 53300', count: 400, message: 'FATAL: sorry, too many clients already' },
  ...change,
})
const brokenOf = (measurement: ReturnType<typeof sampleMeasurement>, name: string) =>
  premisesOf(measurement).find((premise) => premise.name === name && !premise.holds)

test('a block without an answer names what most of its failures were, and the next step', () => {
  const measurement = sampleMeasurement()
  measurement.blocks[2] = sampleBlock('postgres', 1, [])
  measurement.failures = [
    failed({}),
    failed({ phase: 'opening', count: 12 }),
    failed({ kind: 'ECONNRESET', count: 3, message: '' }),
    // Of others than those without an answer.
    failed({ key: 'python', kind: 'HTTP 500', count: 5000 }),
    failed({ clients: 5, kind: 'EMFILE', count: 5000 }),
  ]
  const premise = brokenOf(measurement, 'answers')
  expect(premise?.cause).toBe(
    'most of 415 failures: postgres: SQLSTATE 53300 (412 times): FATAL: sorry, too many clients already',
  )
  expect(premise?.next).toContain('max_connections')
  measurement.failures = []
  expect(brokenOf(measurement, 'answers')?.cause).toBeUndefined()
})

test('a premise that holds has no cause, whatever failed', () => {
  const measurement = sampleMeasurement()
  measurement.failures = [failed({}), failed({ key: 'python' })]
  for (const premise of premisesOf(measurement)) {
    expect(premise.holds).toBe(true)
    expect(premise).not.toHaveProperty('cause')
    expect(premise).not.toHaveProperty('next')
  }
})

test('connections that were lost to failures are told from those that the service does not keep', () => {
  const measurement = sampleMeasurement()
  for (const each of measurement.connections ?? []) if (each.key === 'python') each.replaced = 1000
  expect(brokenOf(measurement, 'keep-alive')?.cause).toContain('closes connections that are in use')
  measurement.failures = [failed({}), failed({ key: 'python', kind: 'HTTP 502', message: 'bad gateway' })]
  const premise = brokenOf(measurement, 'keep-alive')
  expect(premise?.cause).toContain('python: HTTP 502 (400 times): bad gateway')
  expect(premise?.next).toContain('stands before the service')
})

test('sides that could not be asked the same are told from sides that answer otherwise', () => {
  const measurement = sampleMeasurement()
  measurement.failures = [failed({ phase: 'opening' }), failed({ kind: 'ECONNRESET', count: 999 })]
  measurement.premises = { ...measurement.premises, compared: 0 }
  expect(brokenOf(measurement, 'same keys, same model')?.cause).toContain('SQLSTATE 53300')
  measurement.premises = { ...measurement.premises, compared: 4, different: 1 }
  expect(brokenOf(measurement, 'same keys, same model')?.cause).toContain('not the same model')
})

test('every premise that is broken without a failure says what it most likely comes from', () => {
  const measurement = sampleMeasurement()
  measurement.premises = { ...measurement.premises, unpreparedClients: 1, different: 1 }
  for (const each of measurement.connections ?? []) each.replaced = 1
  for (const each of measurement.time?.spent ?? [])
    if (each.stage === 'opening') Object.assign(each, { largestMs: 5000 })
  for (const each of measurement.time?.sessions ?? []) each.lengthMs *= 2
  for (const block of measurement.blocks) block.concurrency = 2
  askBeside(measurement, 'postgres-null')
  for (const pair of [1, 2, 3, 4])
    measurement.blocks.push({
      ...sampleBlock('postgres', pair, [1, 1]),
      key: 'postgres-null',
      phase: 'beside',
    })
  const broken = premisesOf(measurement).filter(({ holds }) => !holds)
  expect(broken.map(({ name }) => name)).toEqual([
    'keep-alive',
    'prepared',
    'same keys, same model',
    "Little's law",
    'outside the turns',
    'time accounted for',
    'client not saturated',
  ])
  for (const { name, cause, next } of broken) {
    expect(cause, name).toBeTruthy()
    expect(next, name).toBeTruthy()
  }
})

test('failures that nobody permits are too many from one in a hundred on', () => {
  const measurement = sampleMeasurement()
  const fail = (count: number) => {
    for (const block of measurement.blocks)
      if (block.key === 'python') block.failed = latenciesOf(Array.from({ length: count }, () => 5))
  }
  fail(2)
  expect(broken(measurement)).toEqual([])
  fail(3)
  expect(broken(measurement)).toEqual(['answers'])
  expect(brokenOf(measurement, 'answers')?.seen).toContain('1.5 % of the requests of python failed')
  const permitted = premisesOf(measurement, undefined, { python: { maxFailureRate: 0.5 } })
  expect(permitted.every(({ holds }) => holds)).toBe(true)
})

test('failures of a few clients do not drown in the requests of many', () => {
  const measurement = sampleMeasurement()
  measurement.settings.clients = [1, 20]
  const many = measurement.blocks.map((block) => ({ ...block, clients: 20, concurrency: 20 }))
  for (const block of many)
    if (block.key === 'python') block.ok = latenciesOf(Array.from({ length: 4000 }, () => 5))
  for (const block of measurement.blocks)
    if (block.key === 'python') block.failed = latenciesOf(Array.from({ length: 10 }, () => 5))
  measurement.blocks.push(...many)
  // 10 of 210, and 10 of 4,210 of all.
  expect(brokenOf(measurement, 'answers')?.seen).toContain(
    'at 1 client 4.8 % of the requests of python failed',
  )
})

test("a side whose requests never fit into a turn is named: Little's law says nothing of it", () => {
  const measurement = sampleMeasurement()
  for (const block of measurement.blocks) if (block.key === 'python') block.concurrency = null
  const law = premisesOf(measurement).find(({ name }) => name === "Little's law")
  expect(law?.seen).toContain('not looked at, for no request fitted into a turn: python, 1')
})

describe('a side that becomes another', () => {
  /** Requests of 5 ms in a turn of a second of each side, and then as many times as long. */
  function stepped(times: number, { from = 20, both = false } = {}) {
    const measurement = sampleMeasurement()
    for (const [index, block] of measurement.blocks.entries())
      block.turns = Array.from({ length: 10 }, (_, turn) => {
        const isAfter = Math.floor(index / 2) * 10 + turn >= from && (both || block.key === 'postgres')
        return { endMs: turn, requests: 200 / (isAfter ? times : 1), busyMs: 1000 }
      })
    return measurement
  }

  test.each([
    [7.9, []],
    [8.1, ['steady']],
    [1 / 8.1, ['steady']],
    [100, ['steady']],
  ])('%d times as slow in the midst', (times, expected) => {
    const measurement = stepped(times)
    expect(broken(measurement)).toEqual(expected)
    if (times === 100)
      expect(brokenOf(measurement, 'steady')?.seen).toContain(
        'postgres at 1 client became 100.0 times as slow, against the last side, in pair 3',
      )
  })

  test('a machine that makes all sides as slow is none', () => {
    expect(broken(stepped(20, { both: true }))).toEqual([])
  })

  test('a stall of three turns is none', () => {
    expect(broken(stepped(20, { from: 37 }))).toEqual([])
  })
})
