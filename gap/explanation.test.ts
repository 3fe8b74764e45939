import { expect, test } from 'vitest'
import { addFailure, askBeside, latenciesOf, sampleBlock, sampleMeasurement } from './fixture.ts'
import type { Measurement } from './measurement.ts'
import { premisesOf } from './premises.ts'

const repeat = (count: number, ms: number) => Array.from({ length: count }, () => ms)
const block = (measurement: Measurement, key: string) => {
  const found = measurement.blocks.find((each) => each.key === key)
  if (!found) throw new Error(`no block of ${key}`)
  return found
}

/** Each way to break one premise: by what it is known, and what is said where no failure explains it. */
const ways: [string, (measurement: Measurement) => void, { seen: RegExp; cause?: RegExp; next?: RegExp }][] =
  [
    [
      'keep-alive',
      (m) => {
        for (const each of m.connections ?? []) if (each.key === 'python') each.replaced = 3
      },
      {
        seen: /^python: 3 connections were lost and replaced, beside the 5 that were opened, and 0 requests failed$/,
        cause: /closes connections that are in use/,
        next: /keep-alive/,
      },
    ],
    [
      'prepared',
      (m) => {
        m.premises.unpreparedClients = 2
      },
      {
        seen: /^2 connections without the prepared statement$/,
        cause: /pooler/,
        next: /--query-mode extended/,
      },
    ],
    [
      'answers',
      (m) => {
        m.blocks[0] = sampleBlock('postgres', 1, [])
      },
      { seen: /^in 7 of 8 blocks$/, next: /log/ },
    ],
    [
      'same keys, same model',
      (m) => {
        m.premises.different = 1
      },
      { seen: /asked the same 4 questions; 1 times/, cause: /not the same model/, next: /same rows/ },
    ],
    [
      "Little's law",
      (m) => {
        for (const each of m.blocks) if (each.key === 'python') each.concurrency = 1.25
      },
      { seen: /differ by 25\.0 % at most \(python, 1\)$/, cause: /takes the cores/, next: /--block/ },
    ],
    [
      "Little's law",
      (m) => {
        for (const each of m.blocks) each.concurrency = null
      },
      { seen: /^no block in which requests fitted/, cause: /half a turn or longer/, next: /--clients/ },
    ],
    [
      'outside the turns',
      (m) => {
        const opening = m.time?.spent.find(({ key, stage }) => key === 'python' && stage === 'opening')
        if (opening) Object.assign(opening, { phase: 'measure', largestMs: 60_000, medianMs: 1 })
      },
      { seen: /in no figure: python at 1 client: .*60\.0 s/, cause: /^python stood still/, next: /log/ },
    ],
    [
      'time accounted for',
      (m) => {
        for (const session of m.time?.sessions ?? [])
          Object.assign(session, { lengthMs: 20_000, accountedMs: 18_900 })
      },
      { seen: /^94\.5 % of the 20\.0 s that k6 ran$/, cause: /kept k6/, next: /Measure again/ },
    ],
    [
      'client not saturated',
      (m) => {
        askBeside(m, 'postgres-null')
        for (const pair of [1, 2, 3, 4])
          m.blocks.push({
            ...sampleBlock('postgres', pair, repeat(2000, 0.5)),
            key: 'postgres-null',
            phase: 'beside',
          })
      },
      {
        seen: /^at 1 client a null operation is answered 2\.0 times as often as postgres$/,
        cause: /load generator/,
        next: /--clients/,
      },
    ],
  ]

test.each(ways)('%s, broken, tells what was seen, why and what to do', (name, change, expected) => {
  const measurement = sampleMeasurement()
  change(measurement)
  const broken = premisesOf(measurement).filter(({ holds }) => !holds)
  expect(broken.map((premise) => premise.name)).toEqual([name])
  const [premise] = broken
  expect(premise?.seen).toMatch(expected.seen)
  if (expected.cause) expect(premise?.cause).toMatch(expected.cause)
  expect(premise?.next).toMatch(expected.next ?? /./)
})

test('what holds explains nothing, and says what was seen', () => {
  const premises = premisesOf(sampleMeasurement())
  expect(premises.map(({ name }) => name)).toEqual([
    ...['keep-alive', 'prepared', 'answers', 'same keys, same model', "Little's law", 'outside the turns'],
    'time accounted for',
  ])
  for (const { seen, cause, next } of premises) {
    expect(seen).toMatch(/\d/)
    expect([cause, next]).toEqual([undefined, undefined])
  }
  const seen = Object.fromEntries(premises.map((premise) => [premise.name, premise.seen]))
  expect(seen['keep-alive']).toBe('none of the 10 connections that were opened had to be replaced')
  expect(seen.answers).toBe('in 8 of 8 blocks')
  expect(seen["Little's law"]).toBe('clients and TPS × mean iteration differ by 0.0 % at most')
})

/** A failure that was seen where the premise broke is the likelier cause; one elsewhere is none. */
test.each([
  ['answers', 'postgres', 'measure', true],
  ['answers', 'python', 'measure', false],
] as const)('%s: a failure of %s in %s explains it: %s', (name, key, phase, explains) => {
  const measurement = sampleMeasurement()
  measurement.blocks[0] = sampleBlock('postgres', 1, [], repeat(7, 3))
  addFailure(measurement, key, phase, 'HTTP 503')
  const premise = premisesOf(measurement).find((each) => each.name === name)
  expect(premise?.holds).toBe(false)
  expect((premise?.cause ?? '').includes(`${key}: HTTP 503 (7 times): no room`)).toBe(explains)
})

test('a null operation that fails is no measure of the client', () => {
  const measurement = sampleMeasurement()
  askBeside(measurement, 'postgres-null')
  for (const pair of [1, 2, 3, 4])
    measurement.blocks.push({
      ...sampleBlock('postgres', pair, repeat(2000, 0.5)),
      key: 'postgres-null',
      phase: 'beside',
    })
  addFailure(measurement, 'postgres', 'measure', 'SQLSTATE 57014')
  const saturated = () => premisesOf(measurement).find(({ name }) => name === 'client not saturated')
  expect(saturated()?.cause).toMatch(/load generator/)
  addFailure(measurement, 'postgres-null', 'measure', 'SQLSTATE 53300')
  expect(saturated()?.cause).toContain('postgres-null: SQLSTATE 53300')
})

test('sides that could not be asked the same are explained by what failed while connecting', () => {
  const measurement = sampleMeasurement()
  measurement.premises.compared = 0
  const same = () => premisesOf(measurement).find(({ name }) => name === 'same keys, same model')
  expect(same()).toMatchObject({ holds: false })
  expect(same()?.cause).toBeUndefined()
  addFailure(measurement, 'python', 'lead', 'HTTP 500')
  expect(same()?.cause).toBeUndefined()
  addFailure(measurement, 'python', 'opening', 'ECONNREFUSED')
  expect(same()?.cause).toContain('ECONNREFUSED')
})

test('where their answers differ, a failure is no cause', () => {
  const measurement = sampleMeasurement()
  measurement.premises.different = 1
  addFailure(measurement, 'python', 'opening', 'ECONNREFUSED')
  expect(premisesOf(measurement).find(({ holds }) => !holds)?.cause).toMatch(/same model/)
})

test('one side alone has nobody to agree with, and a service alone prepares nothing', () => {
  const measurement = sampleMeasurement()
  measurement.settings.sides = ['python']
  measurement.workload.asked = measurement.workload.asked.filter(({ key }) => key === 'python')
  askBeside(measurement, 'postgres-null')
  measurement.blocks = measurement.blocks.filter(({ key }) => key === 'python')
  measurement.blocks.push({ ...sampleBlock('postgres', 1, [1]), key: 'postgres-null', phase: 'beside' })
  const names = premisesOf(measurement).map(({ name }) => name)
  expect(names).not.toContain('same keys, same model')
  expect(names).not.toContain('prepared')
})

test('runs of before, which looked at less, have fewer premises', () => {
  const measurement = sampleMeasurement()
  delete measurement.connections
  delete measurement.time
  const names = premisesOf(measurement).map(({ name }) => name)
  expect(names).toEqual(['prepared', 'answers', 'same keys, same model', "Little's law"])
})

test('a loss by which a request failed is seen among the failures', () => {
  const measurement = sampleMeasurement()
  for (const each of measurement.connections ?? []) if (each.key === 'python') each.replaced = 2
  const holds = () => premisesOf(measurement).find(({ name }) => name === 'keep-alive')?.holds
  expect(holds()).toBe(false)
  block(measurement, 'postgres').failed = latenciesOf([1, 1])
  expect(holds()).toBe(false)
  block(measurement, 'python').failed = latenciesOf([1])
  expect(holds()).toBe(false)
  block(measurement, 'python').failed = latenciesOf([1, 1])
  expect(holds()).toBe(true)
})

test('clients are weighed by how long they were looked at', () => {
  const measurement = sampleMeasurement()
  const little = () => premisesOf(measurement).find(({ name }) => name === "Little's law")
  const own = measurement.blocks.filter(({ key }) => key === 'postgres')
  for (const [index, each] of own.entries())
    Object.assign(each, { concurrency: index === 0 ? 2 : 1, windowMs: index === 0 ? 10 : 990 })
  // (2 × 10 + 3 × 990) ÷ 2980
  expect(little()).toMatchObject({
    holds: true,
    seen: expect.stringContaining('0.3 % at most (postgres, 1)'),
  })
  for (const each of own) each.windowMs = 100
  expect(little()).toMatchObject({ holds: false, seen: expect.stringContaining('25.0 %') })
})

test.each([
  [1.0299, true],
  [1.031, false],
  [0.9701, true],
  [0.969, false],
])('three of a hundred are noise: clients are %f by the law', (concurrency, holds) => {
  const measurement = sampleMeasurement()
  measurement.settings.clients = [100]
  for (const each of measurement.blocks) Object.assign(each, { clients: 100, concurrency: concurrency * 100 })
  expect(premisesOf(measurement).find(({ name }) => name === "Little's law")?.holds).toBe(holds)
})

test.each([
  [19_000, 20_000, true],
  [18_999, 20_000, false],
])('%i of %i ms known are enough: %s', (accountedMs, lengthMs, holds) => {
  const measurement = sampleMeasurement()
  if (measurement.time)
    measurement.time.sessions = [1, 2].map((session) => ({
      session,
      startedAt: '2026-01-02T03:04:05.000Z',
      startupMs: 0,
      accountedMs: accountedMs / 2,
      lengthMs: lengthMs / 2,
    }))
  expect(premisesOf(measurement).find(({ name }) => name === 'time accounted for')?.holds).toBe(holds)
})
