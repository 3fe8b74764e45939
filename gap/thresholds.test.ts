import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { BadInput } from '../build/failure.ts'
import { root, thresholdsFile } from '../build/paths.ts'
import { readThresholds, thresholdsSchema } from './thresholds.ts'

const good = {
  postgres: { maxLatencyMs: { p50: 1, p95: 2 }, minTps: 1, maxFailureRate: 0 },
  python: { maxLatencyMs: {}, minTps: 1, maxFailureRate: 0 },
  gap: { minLatencyRatio: { p50: 1, p95: 1 }, minTpsRatio: 1, minTrainingMemoryRatio: 1 },
}
const flights = ['postgres', 'python']

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'thresholds '))
})
afterAll(() => rm(folder, { recursive: true }))

/** What is said of a file for the sides of a workload; `accepted` where it is read as it stands. */
async function told(text: string, sides = flights): Promise<string> {
  const file = path.join(folder, 'thresholds.json')
  await writeFile(file, text)
  try {
    expect(await readThresholds(file, sides)).toEqual(JSON.parse(text))
    return 'accepted'
  } catch (error) {
    expect(error).toBeInstanceOf(BadInput)
    return (error as BadInput).text
  }
}

function complaint(change: (thresholds: typeof good & Record<string, unknown>) => void): Promise<string> {
  const changed = structuredClone(good)
  change(changed)
  return told(JSON.stringify(changed))
}

test("the project's own file fits", async () => {
  expect(await readThresholds(thresholdsFile, flights)).toEqual(
    JSON.parse(await readFile(thresholdsFile, 'utf8')),
  )
})

test('a file that fits is accepted', async () => {
  expect(await complaint(() => {})).toBe('accepted')
})

const refused: [string, Parameters<typeof complaint>[0]][] = [
  ['gap.minTpsRatoi = 3: no such key', (t) => Object.assign(t.gap, { minTpsRatoi: 3 })],
  ['postgres.minTps = "fast": ', (t) => Object.assign(t.postgres, { minTps: 'fast' })],
  ['postgres.minTps = -1: ', (t) => Object.assign(t.postgres, { minTps: -1 })],
  ['python.maxFailureRate = 2: ', (t) => Object.assign(t.python, { maxFailureRate: 2 })],
  ['gap.minLatencyRatio.p50 = 0: ', (t) => Object.assign(t.gap.minLatencyRatio, { p50: 0 })],
  ['$schema = 3: ', (t) => Object.assign(t, { $schema: 3 })],
  ['gap = null: ', (t) => Object.assign(t, { gap: null })],
  ['postgres.maxLatencyMs.p999 = 4: no such key', (t) => Object.assign(t.postgres.maxLatencyMs, { p999: 4 })],
  ['postgres.more = 1: no such key', (t) => Object.assign(t.postgres, { more: 1 })],
  ['gap.minLatencyRatio.max = 1: no such key', (t) => Object.assign(t.gap.minLatencyRatio, { max: 1 })],
  ['gap.minLatencyRatio.p99 = -3: ', (t) => Object.assign(t.gap.minLatencyRatio, { p99: -3 })],
  ['python.maxFailureRate = -0.1: ', (t) => Object.assign(t.python, { maxFailureRate: -0.1 })],
  ['python.maxLatencyMs.mean = 0: ', (t) => Object.assign(t.python.maxLatencyMs, { mean: 0 })],
  ['python.clients = 0: ', (t) => Object.assign(t.python, { clients: 0 })],
  ['python.clients = 1.5: ', (t) => Object.assign(t.python, { clients: 1.5 })],
  ['python.clients = "4": ', (t) => Object.assign(t.python, { clients: '4' })],
  ['capacity = 3: ', (t) => Object.assign(t, { capacity: 3 })],
  ['capacity.minRatio = 0: ', (t) => Object.assign(t, { capacity: { minRatio: 0 } })],
  ['capacity.minRatio = null: ', (t) => Object.assign(t, { capacity: { minRatio: null } })],
  [
    'capacity.minRatio.postgres/python = -2: ',
    (t) => Object.assign(t, { capacity: { minRatio: { 'postgres/python': -2 } } }),
  ],
  ['capacity.python.minRate = 0: ', (t) => Object.assign(t, { capacity: { python: { minRate: 0 } } })],
  ['capacity.python.minRate = "1k": ', (t) => Object.assign(t, { capacity: { python: { minRate: '1k' } } })],
  [
    'capacity.python.minTps = 1: no such key',
    (t) => Object.assign(t, { capacity: { python: { minTps: 1 } } }),
  ],
  ['python = []: ', (t) => Object.assign(t, { python: [] })],
  ['python[0] = 3: ', (t) => Object.assign(t, { python: [3] })],
  ['python[1].minTps = 0: ', (t) => Object.assign(t, { python: [{ minTps: 1 }, { clients: 4, minTps: 0 }] })],
]

/** What no JSON Schema can say, or what depends on the workload. */
const refusedHereAlone: typeof refused = [
  ['more = 1: no such key', (t) => Object.assign(t, { more: 1 })],
  ['capacity.more = {}: no such key', (t) => Object.assign(t, { capacity: { more: {} } })],
  // Bounds of a side named so would stand here; no side may be.
  ['capacity.minTps = 1: no such key', (t) => Object.assign(t, { capacity: { minTps: 1 } })],
  [
    'python.maxLatencyMs.max = 3: must be at least that of p99 (4): no distribution has a max below its p99',
    (t) => Object.assign(t.python.maxLatencyMs, { p99: 4, max: 3 }),
  ],
  [
    'python.maxLatencyMs.max = 3: must be at least that of p50 (4)',
    (t) => Object.assign(t.python.maxLatencyMs, { p50: 4, max: 3 }),
  ],
  [
    'postgres.maxLatencyMs.p95 = 0.5: must be at least that of p50 (1)',
    (t) => Object.assign(t.postgres.maxLatencyMs, { p95: 0.5 }),
  ],
  [
    'python[1].maxLatencyMs.p99 = 1: must be at least that of p95 (2)',
    (t) => Object.assign(t, { python: [{}, { clients: 4, maxLatencyMs: { p95: 2, p99: 1 } }] }),
  ],
  [
    'python[2].clients = 4: expected a number of clients that no other bounds of this side have',
    (t) => Object.assign(t, { python: [{ clients: 4 }, { clients: 9 }, { clients: 4 }] }),
  ],
]

test.each([...refused, ...refusedHereAlone])('%s', async (expected, change) => {
  const said = await complaint(change)
  expect(said).toContain(expected)
  expect(said).toContain('thresholds.json')
  expect(said).toContain("The workload's sides are postgres, python; ")
})

test('who says no number of clients means one: said and unsaid are the same twice', async () => {
  const said = await told(JSON.stringify({ python: [{ minTps: 1 }, { clients: 1, minTps: 2 }] }))
  expect(said).toContain('python[1].clients = 1: expected a number of clients that no other bounds')
  expect(said).not.toContain('python[0]')
})

const everyBound: [string, Parameters<typeof complaint>[0]][] = [
  ['a ratio of TPS', (t) => Reflect.deleteProperty(t.gap, 'minTpsRatio')],
  ['a side', (t) => Reflect.deleteProperty(t, 'python')],
  ['the gap', (t) => Reflect.deleteProperty(t, 'gap')],
  ["a percentile's ratio", (t) => Reflect.deleteProperty(t.gap.minLatencyRatio, 'p95')],
  ['latencies', (t) => Reflect.deleteProperty(t.postgres, 'maxLatencyMs')],
  ['failures', (t) => Reflect.deleteProperty(t.postgres, 'maxFailureRate')],
]

test.each(everyBound)('who expects nothing of %s leaves it out', async (_, change) => {
  expect(await complaint(change)).toBe('accepted')
})

test('a file that is not there', async () => {
  await expect(readThresholds('/no/such/file.json', flights)).rejects.toThrow(
    '/no/such/file.json cannot be read',
  )
})

test('equal bounds for two percentiles are no contradiction, and the mean may be anywhere', async () => {
  expect(
    await complaint((t) => Object.assign(t.python.maxLatencyMs, { mean: 9, p50: 2, p95: 2, p99: 2, max: 2 })),
  ).toBe('accepted')
  expect(await complaint((t) => Object.assign(t.python, { maxFailureRate: 1 }))).toBe('accepted')
})

test('a file that does not fit, and one too large to be one, tell whom to ask and how to go on', async () => {
  const said = await told(JSON.stringify({ ...good, gap: null }))
  expect(said).toContain('gap = null')
  expect(said).toContain('--thresholds')
  expect(await told(`${JSON.stringify(good)}${' '.repeat(1e6)}`)).toContain('expected at most 1 MB')
})

describe('the names are those of the workload', () => {
  const gap = { minTpsRatio: 2 }
  test.each<[string, string[], unknown]>([
    ['accepted', ['cache', 'old', 'new'], { gap: { 'cache/new': gap, 'old/new': gap }, old: { minTps: 1 } }],
    ['accepted', ['cache', 'old', 'new'], { gap: { 'old/new': gap } }],
    ['accepted', ['old', 'new'], { gap }],
    ['accepted', ['old', 'new'], { capacity: { old: { minRate: 9 }, new: {}, minRatio: 2 } }],
    ['accepted', ['old', 'new'], { capacity: { minRatio: { 'old/new': 2 } } }],
    ['accepted', ['cache', 'old', 'new'], { capacity: { minRatio: { 'cache/new': 2, 'old/new': 3 } } }],
    ['accepted', ['only'], { capacity: { only: { minRate: 0.5 } } }],
    ['accepted', ['old', 'new'], { gap: { 'old/new': gap } }],
    ['accepted', ['only'], { only: [{ minTps: 9 }, { clients: 20, minTps: 90 }] }],
  ])('%s for %j: %j', async (expected, sides, thresholds) => {
    expect(await told(JSON.stringify(thresholds), sides)).toBe(expected)
  })

  const three = "The workload's sides are cache, old, new; gap has one entry a pair: cache/new, old/new"
  test.each<[string[], unknown, string, string]>([
    // Of three there is no "the gap".
    [['cache', 'old', 'new'], { gap }, 'gap.minTpsRatio = 2: no such key', three],
    // The last one is what the others are compared with.
    [['cache', 'old', 'new'], { capacity: { minRatio: 2 } }, 'capacity.minRatio = 2: ', three],
    [
      ['old', 'new'],
      { capacity: { minRatio: { 'new/old': 2 } } },
      'capacity.minRatio.new/old = 2: no such',
      '',
    ],
    [['only'], { capacity: { minRatio: 2 } }, 'capacity.minRatio = 2: no such key', 'one side alone'],
    [['cache', 'old', 'new'], { gap: { 'new/old': gap } }, 'gap.new/old = {', three],
    [['cache', 'old', 'new'], { gap: { 'cache/old': gap } }, 'gap.cache/old = {', three],
    [
      ['cache', 'old', 'new'],
      { gap: { 'old/new': { minTpsRatio: -1 } } },
      'gap.old/new.minTpsRatio = -1: ',
      three,
    ],
    [['cache', 'old', 'new'], { odl: { minTps: 1 } }, 'odl = {"minTps":1}: no such key', three],
    [
      ['old', 'new'],
      { postgres: { minTps: 1 } },
      'postgres = {"minTps":1}: no such key',
      "The workload's sides are old, new; gap is that of the first against the last",
    ],
    [['old', 'new'], { gap: { ...gap, 'old/new': gap } }, 'gap.minTpsRatio = 2: no such key', 'old, new'],
    // Nothing is there to be compared with.
    [
      ['only'],
      { gap },
      'gap = {"minTpsRatio":2}: no such key',
      "The workload's side is only; one side alone has no gap",
    ],
    // What an object has from its prototype is nobody's.
    [['only'], { toString: { minTps: 1 } }, 'toString = {"minTps":1}: no such key', 'only'],
  ])('%j: %j is refused', async (sides, thresholds, expected, known) => {
    const said = await told(JSON.stringify(thresholds), sides)
    expect(said).toContain(expected)
    expect(said).toContain(known)
  })
})

test('an editor that follows $schema can say what each bound means', () => {
  const described = new Map<string, Set<unknown>>()
  const walk = (schema: Record<string, unknown>, name: string) => {
    const { properties = {}, additionalProperties, items, anyOf, description } = schema
    const own = Object.entries(properties as Record<string, Record<string, unknown>>)
    const more = [additionalProperties, items, ...((anyOf as unknown[]) ?? [])].filter(
      (each): each is Record<string, unknown> => typeof each === 'object' && each !== null,
    )
    // What hangs on percentiles alone is told where they stand.
    const isBound = name !== '' && (description !== undefined || own.length + more.length === 0)
    if (isBound && !/^(gap|capacity|\$schema|p\d+|mean|max)$/.test(name))
      described.set(name, (described.get(name) ?? new Set()).add(description))
    for (const [each, of] of own) walk(of, each)
    for (const each of more) walk(each, '')
  }
  walk(z.toJSONSchema(thresholdsSchema) as Record<string, unknown>, '')
  expect([...described.keys()].sort()).toEqual(
    ['clients', 'maxFailureRate', 'maxLatencyMs', 'minLatencyRatio', 'minLeanTrainingMemoryRatio'].concat(
      ...['minRate', 'minRatio', 'minTps', 'minTpsRatio', 'minTrainingMemoryRatio'],
    ),
  )
  for (const [name, descriptions] of described) {
    expect(descriptions.size, name).toBe(1)
    expect([...descriptions].join(), name).toMatch(/^(most|fewest|least|number of clients) .{10,}/)
  }
})

/** What editors check: the published schema, by a validator of JSON Schema that is not ours. */
describe('the published schema', () => {
  const accepts = async () =>
    new Ajv2020({ strict: false }).compile(
      JSON.parse(await readFile(path.join(root, 'schema', 'thresholds.schema.json'), 'utf8')),
    )

  test.each<[string, Record<string, unknown>]>([
    ['of the flights', good],
    ['of capacities', { capacity: { a: { minRate: 1 }, b: {}, minRatio: 2 } }],
    ['of capacities by pairs', { capacity: { minRatio: { 'a/c': 2 } } }],
    ['of three sides', { gap: { 'a/c': good.gap, 'b/c': {} }, a: good.postgres }],
    ['of one side at several numbers of clients', { only: [{ minTps: 1 }, { clients: 20, minTps: 9 }] }],
  ])('takes thresholds %s', async (_, thresholds) => {
    expect((await accepts())(thresholds)).toBe(true)
  })

  test("takes the project's own file", async () => {
    expect((await accepts())(JSON.parse(await readFile(thresholdsFile, 'utf8')))).toBe(true)
  })

  test.each(refused)('refuses what we do: %s', async (_, change) => {
    const changed = structuredClone(good)
    change(changed)
    expect((await accepts())(changed)).toBe(false)
  })
})
