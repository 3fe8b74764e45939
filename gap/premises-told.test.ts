import { describe, expect, test } from 'vitest'
import { addFailure, askBeside, latenciesOf, sampleMeasurement } from './fixture.ts'
import type { Measurement } from './measurement.ts'
import { type Premise, premisesOf } from './premises.ts'

const repeat = (count: number, ms: number) => Array.from({ length: count }, () => ms)

const find = (all: Premise[], name: string) => {
  const found = all.find((each) => each.name === name)
  if (!found) throw new Error(`no premise ${name}`)
  return found
}
const premise = (measurement: Measurement, name: string) => find(premisesOf(measurement), name)

test('what was seen in a sound run, premise by premise', () => {
  expect(premisesOf(sampleMeasurement())).toEqual([
    {
      name: 'keep-alive',
      holds: true,
      seen: 'none of the 10 connections that were opened had to be replaced',
    },
    { name: 'prepared', holds: true, seen: '0 connections without the prepared statement' },
    { name: 'answers', holds: true, seen: 'in 8 of 8 blocks' },
    {
      name: 'same keys, same model',
      holds: true,
      seen: 'after connecting, all sides were asked the same 4 questions; 0 times their answers differed',
    },
    {
      name: "Little's law",
      holds: true,
      seen: 'clients and TPS × mean iteration differ by 0.0 % at most',
    },
    {
      name: 'outside the turns',
      holds: true,
      seen: 'between the requests that count nothing stood still; what took longest there took 12 ms',
    },
    {
      name: 'time accounted for',
      holds: true,
      seen: expect.stringMatching(/^99\.8 % of the \d+\.\d s that k6 ran$/),
    },
  ])
})

describe('keep-alive', () => {
  test('tells of the sides alone that lost connections', () => {
    const measurement = sampleMeasurement()
    measurement.connections?.push({ key: 'python', clients: 1, session: 2, opened: 7, replaced: 3 })
    expect(premise(measurement, 'keep-alive')).toEqual({
      name: 'keep-alive',
      holds: false,
      seen: 'python: 3 connections were lost and replaced, beside the 12 that were opened, and 0 requests failed',
      cause:
        'the target, or what stands before it, closes connections that are in use: it was reloaded or restarted, or keeps them for some requests or seconds only',
      next: 'Let it keep them: Connection: keep-alive, no sync workers, no limit of requests or of seconds, no restart meanwhile',
    })
    // What failed elsewhere does not explain it.
    addFailure(measurement, 'postgres', 'measure', 'SQLSTATE 57P01')
    expect(premise(measurement, 'keep-alive').cause).toMatch(/^the target/)
  })

  test('what failed at another number of clients explains no loss', () => {
    const measurement = sampleMeasurement()
    const [block] = measurement.blocks.filter(({ key }) => key === 'python')
    const [connection] = measurement.connections?.filter(({ key }) => key === 'python') ?? []
    if (connection) connection.replaced = 2
    if (block) measurement.blocks.push({ ...block, clients: 5, failed: latenciesOf([1, 1]) })
    expect(premise(measurement, 'keep-alive')).toMatchObject({
      holds: false,
      seen: expect.stringMatching(/^python: 2 connections .*, and 2 requests failed$/),
    })
    if (connection) connection.clients = 5
    expect(premise(measurement, 'keep-alive').holds).toBe(true)
  })

  test('counts failures in blocks and outside them together, of the side that lost connections', () => {
    const measurement = sampleMeasurement()
    for (const each of measurement.connections ?? []) if (each.key === 'python') each.replaced = 3
    for (const block of measurement.blocks) if (block.key === 'postgres') block.failed = latenciesOf([1, 1])
    const [block] = measurement.blocks.filter(({ key }) => key === 'python')
    if (block) block.failed = latenciesOf([1, 1])
    expect(premise(measurement, 'keep-alive').holds).toBe(false)
    const { spent = [] } = measurement.time ?? {}
    const lead = spent.find(({ key, stage }) => key === 'python' && stage === 'lead')
    // What failed in the warm-up is no reason for what was lost afterwards.
    if (lead) spent.push({ ...lead, phase: 'warmup', failed: 9 })
    expect(premise(measurement, 'keep-alive').seen).toMatch(/, and 2 requests failed$/)
    if (lead) lead.failed = 1
    expect(premise(measurement, 'keep-alive')).toMatchObject({
      holds: true,
      seen: expect.stringMatching(/, and 3 requests failed$/),
    })
  })
})

describe('outside the turns', () => {
  const still = (key: string | null, stage: string) => {
    const measurement = sampleMeasurement()
    const { spent = [] } = measurement.time ?? {}
    const one = spent.find((each) => each.key === 'python' && each.stage === stage)
    if (one) Object.assign(one, { key, largestMs: 60_000, medianMs: 1 })
    return premise(measurement, 'outside the turns')
  }

  test('one side that stood still is told with what to do', () => {
    expect(still('python', 'opening')).toEqual({
      name: 'outside the turns',
      holds: false,
      seen: 'between the requests that count, in no figure: python at 1 client: opening a connection took 60.0 s, where half take 1 ms at most',
      cause: 'python stood still while it was not measured, or what it runs on did',
      next: 'See in its log what it did then, and measure again',
    })
  })

  test('time that is no side’s is of no side', () => {
    expect(still(null, 'waiting').cause).toBe('the machine stood still, for more than one side was met')
  })

  test.each([
    ['who rests does so for others', { key: null, stage: 'resting', medianMs: 900, largestMs: 900 }],
    ['a target may wake up while it is warmed up', { phase: 'warmup', medianMs: 1, largestMs: 60_000 }],
  ] as const)('%s: that is not what took longest', (_, change) => {
    const measurement = sampleMeasurement()
    const { spent = [] } = measurement.time ?? {}
    const [one] = spent
    if (one) spent.push({ ...one, ...change })
    expect(premise(measurement, 'outside the turns')).toMatchObject({
      ...{ holds: true, seen: expect.stringMatching(/took 12 ms$/) },
    })
  })
})

describe('time accounted for', () => {
  const seen = (lengthMs: number, accountedMs: number, sessions = 1) => {
    const measurement = sampleMeasurement()
    const [session] = measurement.time?.sessions ?? []
    if (measurement.time && session)
      measurement.time.sessions = Array.from({ length: sessions }, () => ({
        ...session,
        ...{ lengthMs, accountedMs },
      }))
    return premise(measurement, 'time accounted for')
  }

  test('is enough from 95 of 100 on', () => {
    expect(seen(10_000, 9500)).toEqual({
      name: 'time accounted for',
      holds: true,
      seen: '95.0 % of the 10.0 s that k6 ran',
    })
    expect(seen(10_000, 9499)).toEqual({
      name: 'time accounted for',
      holds: false,
      seen: '95.0 % of the 10.0 s that k6 ran',
      cause: 'the machine kept k6 itself from running',
      next: 'Measure again where less else runs',
    })
  })

  test('is enough, too, where no session lacks more than k6 takes to end', () => {
    expect(seen(1000, 700)).toMatchObject({ holds: true, seen: '70.0 % of the 1.0 s that k6 ran' })
    expect(seen(1000, 699)).toMatchObject({ holds: false })
    expect(seen(1000, 700, 3)).toMatchObject({ holds: true, seen: '70.0 % of the 3.0 s that k6 ran' })
    expect(seen(1000, 699, 3)).toMatchObject({ holds: false })
  })
})

describe("Little's law", () => {
  test('names the side and the clients where it is off most', () => {
    const measurement = sampleMeasurement()
    for (const each of measurement.blocks) each.concurrency = each.key === 'python' ? 1.25 : 1.125
    expect(premise(measurement, "Little's law")).toEqual({
      name: "Little's law",
      holds: false,
      seen: 'clients and TPS × mean iteration differ by 25.0 % at most (python, 1)',
      cause:
        'something else takes the cores of this machine, or so few requests were measured that one weighs much',
      next: 'Wait for other work to end, or measure longer: --block 6',
    })
  })

  test('weighs blocks by their length, and passes by those of which nothing is known', () => {
    const measurement = sampleMeasurement()
    const own = measurement.blocks.filter(({ key }) => key === 'postgres')
    // 1.08 in a quarter of the time: 1.02 in the mean.
    for (const [at, block] of own.entries())
      Object.assign(
        block,
        [
          { concurrency: 1.08, windowMs: 500 },
          { concurrency: 1, windowMs: 1500 },
          { concurrency: null, windowMs: 60_000 },
          { concurrency: null, windowMs: 60_000 },
        ][at],
      )
    expect(premise(measurement, "Little's law")).toMatchObject({
      holds: true,
      seen: 'clients and TPS × mean iteration differ by 2.0 % at most (postgres, 1)',
    })
  })

  test('says nothing where requests are longer than turns', () => {
    const measurement = sampleMeasurement()
    for (const each of measurement.blocks) each.concurrency = null
    expect(premise(measurement, "Little's law")).toEqual({
      name: "Little's law",
      holds: false,
      seen: 'no block in which requests fitted into their turns',
      cause: 'answers take half a turn or longer',
      next: 'Longer blocks, as --block 30, of which a turn takes half at most; or fewer --clients',
    })
  })
})

describe('client not saturated', () => {
  const costs = (high: number) =>
    [{ key: 'postgres', clients: 1, headroom: { median: 2.5, low: 2, high, pairs: 4 } }] as Parameters<
      typeof premisesOf
    >[1]

  test('is told of one client as of one', () => {
    const measurement = sampleMeasurement()
    expect(find(premisesOf(measurement, costs(2.9)), 'client not saturated')).toEqual({
      name: 'client not saturated',
      holds: false,
      seen: 'at 1 client a null operation is answered 2.5 times as often as postgres',
      cause: 'the load generator shares too small a machine with the targets',
      next: 'Fewer --clients, or the load generator on a machine of its own',
    })
  })

  test('null operations that failed explain it, and no failure of a target', () => {
    const measurement = sampleMeasurement()
    askBeside(measurement, 'postgres-null')
    const cause = () => find(premisesOf(measurement, costs(2.9)), 'client not saturated').cause
    addFailure(measurement, 'postgres', 'measure', 'SQLSTATE 53300')
    expect(cause()).toMatch(/^the load generator/)
    addFailure(measurement, 'postgres-null', 'beside', 'SQLSTATE 57014')
    expect(cause()).toContain('postgres-null: SQLSTATE 57014')
  })
})

describe('answers', () => {
  /** Of each block of Python's so many of 200 requests failed. */
  const failing = (count: number) => {
    const measurement = sampleMeasurement()
    for (const block of measurement.blocks)
      if (block.key === 'python')
        Object.assign(block, {
          ok: latenciesOf(repeat(200 - count, 5)),
          failed: latenciesOf(repeat(count, 5)),
        })
    return measurement
  }

  test('one failure in a hundred requests may be, and no more', () => {
    expect(premise(failing(2), 'answers').holds).toBe(true)
    expect(premise(failing(3), 'answers')).toEqual({
      name: 'answers',
      holds: false,
      seen: 'in 8 of 8 blocks; 1.5 % of the requests of python failed, and no maxFailureRate permits any',
      next: "k6's log, beside the report, has what failed",
    })
  })

  test('what failed on that side explains it', () => {
    const measurement = failing(4)
    addFailure(measurement, 'postgres', 'measure', 'SQLSTATE 53300')
    expect(premise(measurement, 'answers').cause).toBeUndefined()
    addFailure(measurement, 'python', 'measure', 'HTTP 503')
    expect(premise(measurement, 'answers').cause).toContain('python: HTTP 503')
  })

  test('what was asked beside, as a null operation, is no request of the side', () => {
    const measurement = sampleMeasurement()
    const [block] = measurement.blocks.filter(({ key }) => key === 'python')
    if (block) measurement.blocks.push({ ...block, phase: 'beside', failed: latenciesOf(repeat(500, 5)) })
    expect(premise(measurement, 'answers').holds).toBe(true)
  })

  test('a block without any is told alone: shares of failures say no more', () => {
    const measurement = failing(50)
    const [block] = measurement.blocks
    if (block) Object.assign(block, { ok: latenciesOf([]), failed: latenciesOf([1]) })
    expect(premise(measurement, 'answers').seen).toBe('in 7 of 8 blocks')
  })
})

describe('prepared', () => {
  test('is told with what to do', () => {
    const measurement = sampleMeasurement()
    measurement.premises.unpreparedClients = 3
    expect(premise(measurement, 'prepared')).toEqual({
      name: 'prepared',
      holds: false,
      seen: '3 connections without the prepared statement',
      cause: 'a pooler before the database hands out its connections without their statements',
      next: 'Ask by --query-mode extended, or let the pooler follow prepared statements',
    })
  })

  test('is no premise where a null operation alone is', () => {
    const measurement = sampleMeasurement()
    for (const side of measurement.workload.asked) if (side.mode) side.mode = 'extended'
    askBeside(measurement, 'postgres-null')
    expect(premisesOf(measurement).map(({ name }) => name)).not.toContain('prepared')
  })
})

describe('same keys, same model', () => {
  test('answers that differ are told with what to do', () => {
    const measurement = sampleMeasurement()
    measurement.premises.different = 2
    expect(premise(measurement, 'same keys, same model')).toEqual({
      name: 'same keys, same model',
      holds: false,
      seen: 'after connecting, all sides were asked the same 4 questions; 2 times their answers differed',
      cause: 'the sides have not the same model or not the same rows, or one of them changed meanwhile',
      next: 'Train both from the same rows, and let nothing change them while they are measured',
    })
  })

  test('where nothing could be compared nobody knows that models differ', () => {
    const measurement = sampleMeasurement()
    measurement.premises.compared = 0
    const found = premise(measurement, 'same keys, same model')
    expect(found.holds).toBe(false)
    expect(found).not.toHaveProperty('cause')
    expect(found).not.toHaveProperty('next')
  })

  test('is no premise of one side, nor where answers are not compared', () => {
    const names = (measurement: Measurement) => premisesOf(measurement).map(({ name }) => name)
    const one = sampleMeasurement()
    one.settings.sides = ['postgres']
    one.blocks = one.blocks.filter(({ key }) => key === 'postgres')
    expect(names(one)).not.toContain('same keys, same model')
    const other = sampleMeasurement()
    other.premises.compared = null
    expect(names(other)).not.toContain('same keys, same model')
  })
})

describe('steady', () => {
  /** Ten turns of 200 requests in each block; from the third pair on a side's take so many times as long. */
  function stepped(steps: Record<string, number>, clients = 1) {
    const measurement = sampleMeasurement()
    measurement.settings.clients = [clients]
    for (const [index, block] of measurement.blocks.entries()) {
      const times = index >= 4 ? (steps[block.key] ?? 1) : 1
      Object.assign(block, { clients, concurrency: clients })
      block.turns = Array.from({ length: 10 }, (_, turn) => ({
        ...{ endMs: turn, requests: 200 / times, busyMs: 1000 },
      }))
    }
    return measurement
  }

  test('is told with the bound where it holds', () => {
    expect(premise(stepped({}), 'steady')).toEqual({
      name: 'steady',
      holds: true,
      seen: 'no side became more than 8 times as slow or as fast, against the last one',
    })
  })

  test('a side that became faster is told as such, with clients, pair and session', () => {
    const measurement = stepped({ postgres: 1 / 16 }, 4)
    expect(premise(measurement, 'steady')).toEqual({
      name: 'steady',
      holds: false,
      seen: 'postgres at 4 clients became 16.0 times as fast, against the last side, in pair 3 of session 1',
      cause: 'postgres or the last side changed while it was measured: an index, a plan, a model, or a limit',
      next: 'See what changed then; where a side takes so long to wake up, give it a longer --warmup',
    })
    expect(premise(stepped({ postgres: 16 }), 'steady').seen).toMatch(
      /^postgres at 1 client became 16\.0 times as slow, /,
    )
  })

  test('what failed on that side, while it was measured, explains it', () => {
    const measurement = stepped({ postgres: 16 })
    addFailure(measurement, 'python', 'measure', 'HTTP 503')
    addFailure(measurement, 'postgres', 'opening', 'SQLSTATE 53300')
    expect(premise(measurement, 'steady').cause).toMatch(/^postgres or the last side changed/)
    addFailure(measurement, 'postgres', 'measure', 'SQLSTATE 57014')
    expect(premise(measurement, 'steady').cause).toContain('SQLSTATE 57014')
  })

  test.each([
    [16, 1 / 64, 'postgres-fast at 1 client became 64.0 times as fast'],
    [64, 16, 'postgres at 1 client became 64.0 times as slow'],
    // Of two that changed alike, the first.
    [16, 16, 'postgres at 1 client became 16.0 times as slow'],
  ])('of several sides the one that changed most is told: %d and %d times', (own, fast, told) => {
    const measurement = stepped({ postgres: own })
    askBeside(measurement, 'postgres-fast')
    measurement.settings.sides = ['postgres', 'postgres-fast', 'python']
    measurement.settings.beside = []
    const other = stepped({ postgres: fast }).blocks.filter(({ key }) => key === 'postgres')
    measurement.blocks.push(...other.map((block) => ({ ...block, key: 'postgres-fast' })))
    expect(premise(measurement, 'steady').seen).toContain(told)
  })
})

test('in a run at a rate clients come and go, so that there is no law of their number', () => {
  const measurement = sampleMeasurement()
  measurement.settings.rate = 1
  expect(premisesOf(measurement).map(({ name }) => name)).not.toContain("Little's law")
})
