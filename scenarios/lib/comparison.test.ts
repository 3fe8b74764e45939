import { beforeEach, expect, test, vi } from 'vitest'
import { premisesOf } from '../../gap/premises.ts'
import { generator } from '../../workload/draw.ts'
import { simulatedRun } from '../in-node/run.ts'
import { inScenario } from '../in-node/scenario.ts'

/** Milliseconds of an answer, by where it comes from; the predictions are the same everywhere. */
const times = { 'postgres://database/': 1, 'http://service/': 5, 'postgres://nothing/': 0.25 }
const prediction = 2.5

type World = Awaited<ReturnType<typeof inScenario>>

const answering =
  (ms: Record<string, number> = times) =>
  (to: string): ReturnType<World['answer']> => {
    const [address, each] = Object.entries(ms).find(([start]) => to.startsWith(start)) ?? ['', 1]
    if (to.includes('pg_prepared_statements')) return { ms: 0, value: [{ statements: 1 }] }
    return address.startsWith('http')
      ? { ms: each, value: [prediction], headers: { 'X-Worker': '7' } }
      : { ms: each, value: prediction }
  }

const simulated = (env: Record<string, string> = {}, answer: World['answer'] = answering()) =>
  simulatedRun(answer, env)

let said: string[]
beforeEach(() => {
  said = []
  vi.spyOn(console, 'error').mockImplementation((text: string) => void said.push(text))
})

test('a run of known answering times has exactly those figures', async () => {
  const { world, measurement } = await simulated()
  const { blocks, pairs, premises, warmups, settings, failures } = measurement
  expect(blocks.map(({ key, pair, phase }) => [key, pair, phase])).toEqual(
    expect.arrayContaining([
      ['postgres', 1, 'measure'],
      ['python', 1, 'measure'],
      ['postgres', 2, 'measure'],
      ['python', 2, 'measure'],
    ]),
  )
  expect(blocks).toHaveLength(4)
  for (const { key, tps, ok, failed, concurrency, turns, windowMs, workers } of blocks) {
    const ms = key === 'python' ? 5 : 1
    expect([tps, ok.meanMs, failed.count]).toEqual([1000 / ms, ms, 0])
    expect(concurrency).toBeCloseTo(1, 12)
    // A second's block in turns of 50 ms, which hold ten of the slower answers; a fifth is lead.
    expect(turns).toHaveLength(20)
    expect(windowMs).toBe(20 * 40)
    expect(turns.every(({ requests, busyMs }) => requests === 40 / ms && busyMs === 40)).toBe(true)
    const ends = turns.map(({ endMs }) => endMs)
    expect(ends).toEqual([...ends].sort((a, b) => a - b))
    expect(workers).toEqual(key === 'python' ? { '7': 160 } : {})
  }
  expect(pairs.map(({ key, pair, tps, mean }) => [key, pair, tps, mean])).toEqual([
    ['postgres', 1, 5, 5],
    ['postgres', 2, 5, 5],
  ])
  expect(premises).toEqual({
    ...{ unpreparedClients: 0, wrongAnswers: 0, droppedArrivals: 0, compared: 80, different: 0 },
  })
  // Opened every 250 ms of a block's turns, in five rounds of 2 × 25 ms: four times in each of two pairs.
  expect(measurement.connections).toEqual(
    ['postgres', 'python'].map((key) => ({ key, clients: 1, session: 1, opened: 8, replaced: 0 })),
  )
  expect(warmups).toMatchObject([{ clients: 1, session: 1, steady: true }])
  expect(settings).toMatchObject({
    ...{ clients: [1], pairs: 2, sessions: 1, rate: 0, pool: 0, blockSeconds: 1, warmupSeconds: 2, seed: 1 },
    ...{ sides: ['postgres', 'python'], beside: [] },
  })
  expect(measurement.workload).toEqual({
    name: 'flights',
    sides: ['postgres', 'python'],
    asked: [
      { key: 'postgres', base: 'postgres', protocol: 'sql', role: 'predict', mode: 'prepared' },
      { key: 'python', base: 'python', protocol: 'http', role: 'predict' },
    ],
  })
  expect(failures).toEqual([])
  expect(world.open).toBe(0)
  expect(said).toEqual([])
})

test('both sides are asked the same keys in the same order, each pair others', async () => {
  const asked: [string, string][] = []
  await simulated({ PAIRS: '3' }, (to, key?: unknown) => {
    if (to.includes('pg_prepared')) return { ms: 0, value: [{ statements: 1 }] }
    const list = typeof key === 'string' ? (JSON.parse(key) as number[]) : (key as number[])
    asked.push([to.startsWith('http') ? 'service' : 'database', list.join()])
    return answering()(to)
  })
  const first = (side: string) => asked.filter(([of]) => of === side).map(([, key]) => key)
  // The ten questions after each connecting.
  expect(first('database').slice(0, 10)).toEqual(first('service').slice(0, 10))
  expect(new Set(first('service')).size).toBe(3)
})

const drawn = generator(1, 0, 0)

test.each([
  ['20 ms', () => 20],
  ['60 ms', () => 60],
  // One in ten: more turns end amid one of those than begin with one.
  ['3 ms, and now and then 12', () => (drawn() % 10 === 0 ? 12 : 3)],
])("answers that take %s fit into their turns: Little's law can be seen", async (_, msOf) => {
  const { measurement } = await simulated({ PAIRS: '8', BLOCK_SECONDS: '3' }, (to) =>
    to.startsWith('http') ? { ...answering()(to), ms: msOf() } : answering()(to),
  )
  const premise = premisesOf(measurement).find(({ name }) => name === "Little's law")
  expect(premise).toMatchObject({ holds: true })
})

test('what is asked beside is measured in short turns, and compared where it predicts', async () => {
  const { measurement } = await simulated({
    BESIDE: 'postgres:null,postgres:fast',
    NULL_POSTGRES_URL: 'postgres://nothing/',
  })
  const phases = new Map(measurement.blocks.map(({ key, phase }) => [key, phase]))
  expect(Object.fromEntries(phases)).toEqual({
    ...{ postgres: 'measure', python: 'measure' },
    ...{ 'postgres-null': 'beside', 'postgres-fast': 'beside' },
  })
  const ofNull = measurement.blocks.filter(({ key }) => key === 'postgres-null')
  expect(ofNull.map(({ tps }) => tps)).toEqual([4000, 4000])
  // Ten rounds, of which each three have connections of their own, and a round of two turns amid those.
  expect(ofNull[0]?.turns).toHaveLength(6)
  // A null operation is no way of predicting: no ratio, and no answers to compare.
  expect([...new Set(measurement.pairs.map(({ key }) => key))]).toEqual(['postgres', 'postgres-fast'])
  expect(measurement.premises).toMatchObject({ compared: 80, different: 0 })
})

// The flights' tolerance is a hundred-thousandth of the larger answer.
test.each([
  [2.50003, 80],
  [2.50002, 0],
  [2.49998, 0],
  [2.49997, 80],
])('a side that predicts %f instead of 2.5 differs in %i of 80 questions', async (value, expected) => {
  const { measurement } = await simulated({}, (to) => {
    const answer = answering()(to)
    return to.startsWith('http') ? { ...answer, value: [value] } : answer
  })
  expect(measurement.premises).toMatchObject({ compared: 80, different: expected })
})

test('a side that predicts something else once is seen', async () => {
  const world = await inScenario({ PAIRS: '1', BLOCK_SECONDS: '1', WARMUP_SECONDS: '1' })
  let isSaid = false
  world.answer = (to) => {
    const answer = answering()(to)
    if (isSaid || !to.startsWith('http')) return answer
    isSaid = true
    return { ...answer, value: [2.6] }
  }
  const { measurePair } = await import('./choreography.ts')
  measurePair(1, 1)
  expect((await import('./outcome.ts')).measured().premises).toMatchObject({ compared: 40, different: 1 })
})

test('a statement that is not prepared is told, and counts for each connection', async () => {
  const { world, measurement } = await simulated({}, (to) =>
    to.includes('pg_prepared') ? { ms: 0, value: [{ statements: 0 }] } : answering()(to),
  )
  expect(measurement.premises.unpreparedClients).toBe(9)
  expect(said[0]).toBe('client 1: the statement is not prepared on the server')
  expect(world.metrics.find(({ name }) => name === 'broken_premises')?.tags).toEqual({ premise: 'prepared' })
})

test.each(['extended', 'simple'])('in the %s mode nobody asks for it', async (mode) => {
  const { measurement } = await simulated({ QUERY_MODE: mode }, (to) =>
    to.includes('pg_prepared') ? { ms: 0, value: [{ statements: 0 }] } : answering()(to),
  )
  expect(measurement.premises.unpreparedClients).toBe(0)
  expect(measurement.workload.asked.map((side) => side.mode)).toEqual([mode, undefined])
})

test('a service that fails has failures by kind, no ratio, and its connections as such', async () => {
  const { measurement } = await simulated({}, (to) =>
    to.startsWith('http')
      ? { ms: 5, error: Object.assign(new Error('HTTP 503: busy'), { kind: 'HTTP 503' }) }
      : answering()(to),
  )
  expect(measurement.pairs).toEqual([])
  const counted = measurement.failures.filter(({ key, phase }) => key === 'python' && phase === 'measure')
  expect(counted).toMatchObject([
    { clients: 1, session: 1, kind: 'HTTP 503', count: 320, message: 'HTTP 503: busy' },
  ])
  const opening = measurement.failures.filter(({ phase }) => phase === 'opening')
  expect(opening).toMatchObject([{ key: 'python', kind: 'HTTP 503', count: 9 }])
  expect(
    measurement.blocks.filter(({ key }) => key === 'python').map(({ tps, failed }) => [tps, failed.count]),
  ).toEqual([
    [0, 160],
    [0, 160],
  ])
  // Sides that were not asked alike are not compared.
  expect(measurement.premises).toMatchObject({ compared: 0, different: 0 })
  expect(said).toEqual(['client 1 could not connect: HTTP 503: busy'])
})

test('a warm-up that never is steady ends when its time is over', async () => {
  let slower = 1
  const { measurement } = await simulated({ PAIRS: '1' }, (to) => {
    slower *= 1.01
    const { ms, ...answer } = answering({ 'postgres://database/': 1, 'http://service/': 5 })(to)
    return { ...answer, ms: Math.min(ms * slower, 60) }
  })
  const [warmup] = measurement.warmups
  expect(warmup?.seconds).toBeGreaterThanOrEqual(0.4)
  expect(warmup?.clients).toBe(1)
})

test('numbers of clients follow each other, and share their work', async () => {
  const { measurement } = await simulated({ CLIENTS: '1,4', PAIRS: '1' })
  expect(measurement.warmups.map(({ clients }) => clients)).toEqual([1, 4])
  const four = measurement.blocks.filter(({ clients }) => clients === 4)
  // The one user stands for four, so that each of its times and meetings counts four times.
  expect(four.map(({ key, windowMs }) => [key, windowMs > 0])).toEqual(
    expect.arrayContaining([
      ['postgres', true],
      ['python', true],
    ]),
  )
  expect(new Set(measurement.pairs.map(({ clients }) => clients))).toEqual(new Set([1, 4]))
})

test('progress is told after each pair, in requests a second by side', async () => {
  const { world } = await simulated({ PROGRESS_FILE: 'progress.json' })
  const told = world.saved.filter(({ text }) => text !== '')
  expect(told.map(({ file }) => file)).toEqual(['progress.json', 'progress.json'])
  expect(told.map(({ text }) => JSON.parse(text))).toEqual(
    [1, 2].map((pair) => ({ clients: 1, pair, pairs: 2, tps: { postgres: 1000, python: 200 } })),
  )
})

test('in the open model arrivals come at their rate, and one connection lasts a pair', async () => {
  const { measurement } = await simulated({ RATE: '100', MAX_CLIENTS: '1', BLOCK_SECONDS: '4', PAIRS: '1' })
  expect(measurement.settings).toMatchObject({ rate: 100, clients: [1] })
  for (const { ok, turns, alone, late, concurrency, key } of measurement.blocks) {
    // Four seconds: two rounds of two turns of a second each, 100 arrivals in each.
    expect([ok.count, turns.length, alone?.count, late?.count]).toEqual([400, 4, 400, 400])
    expect(ok.maxMs).toBe(key === 'python' ? 5 : 1)
    expect(concurrency).toBeNull()
  }
  expect(measurement.connections?.map(({ opened }) => opened)).toEqual([1, 1])
})

test('a stall drops what came after it, which is counted', async () => {
  let asked = 0
  const { measurement } = await simulated(
    { RATE: '100', MAX_CLIENTS: '1', BLOCK_SECONDS: '2', PAIRS: '1' },
    (to) => {
      const { ms, ...answer } = answering()(to)
      if (!to.startsWith('http')) return { ...answer, ms }
      return { ...answer, ms: ++asked === 150 ? 10_500 : ms }
    },
  )
  expect(measurement.premises.droppedArrivals).toBeGreaterThan(0)
  expect(measurement.failures).toMatchObject([
    { key: 'python', kind: 'not sent', count: measurement.premises.droppedArrivals },
  ])
})

test('every millisecond of a run belongs to a figure', async () => {
  const { world, measurement } = await simulated({ BESIDE: 'postgres:fast', PAIRS: '3' })
  const [session, ...more] = measurement.time?.sessions ?? []
  expect(more).toEqual([])
  expect(session).toMatchObject({ session: 1, lengthMs: world.time, startupMs: 1000 })
  expect(session?.accountedMs).toBeCloseTo(world.time, 6)
})

test('what was spent on a stage is told by side, with the longest', async () => {
  let asked = 0
  const { measurement } = await simulated({}, (to) => {
    const { ms, ...answer } = answering()(to)
    if (!to.startsWith('http') || to.includes('pg_')) return { ...answer, ms }
    return { ...answer, ms: ++asked === 1 ? 700 : ms }
  })
  const opening = measurement.time?.spent.filter(
    ({ key, phase, stage }) => key === 'python' && phase === 'warmup' && stage === 'opening',
  )
  expect(opening).toMatchObject([{ clients: 1, count: 1, largestMs: 700 }])
})

test('connections that had to be replaced are counted where they are measured', async () => {
  const world = await inScenario({ PAIRS: '1', BLOCK_SECONDS: '1', WARMUP_SECONDS: '2' })
  world.answer = answering()
  const { measurePair, warmUp } = await import('./choreography.ts')
  // What was lost in a warm-up is in no figure.
  world.lost = 3
  warmUp(1)
  measurePair(1, 1)
  const { measured } = await import('./outcome.ts')
  expect(measured().connections?.map(({ opened, replaced }) => [opened, replaced])).toEqual([
    [4, 12],
    [4, 12],
  ])
  const counted = world.metrics.filter(({ name }) => name === 'replaced_connections')
  expect(counted).toHaveLength(24)
  expect(counted[0]?.tags).toEqual({ side: 'postgres', clients: '1' })
})

test('who does not answer while a connection is opened ends the test at once, by the name of the variable', async () => {
  const silent = Object.assign(new Error('no answer'), { kind: 'time-out' })
  let asked = 0
  const answer: World['answer'] = (to) => {
    if (!to.startsWith('http')) return answering()(to)
    asked++
    return { ms: 10_000, error: silent }
  }
  await expect(simulated({}, answer)).rejects.toThrow(
    'python, whose address is in PYTHON_URL, did not answer within 10 s',
  )
  expect(asked).toBe(1)
})

test('each connection is asked ten times before it counts, the first for its opening', async () => {
  const asked = { database: 0, service: 0 }
  const { measurement } = await simulated({}, (to) => {
    if (!to.includes('pg_')) asked[to.startsWith('http') ? 'service' : 'database']++
    return answering()(to)
  })
  for (const [key, ms] of [
    ['postgres', 1],
    ['python', 5],
  ] as const) {
    const of = (phase: string, stage: string) =>
      measurement.time?.spent.find((each) => each.key === key && each.phase === phase && each.stage === stage)
    expect(of('measure', 'opening')).toMatchObject({ count: 8, totalMs: 8 * ms })
    expect(of('measure', 'settling')).toMatchObject({ count: 8, totalMs: 8 * 9 * ms })
    expect(of('measure', 'closing')).toMatchObject({ count: 8, totalMs: 0 })
    expect(of('warmup', 'opening')?.count).toBe(1)
    // A turn has a lead of its fifth, and an end at which the others are waited for.
    expect(of('measure', 'lead')).toMatchObject({ count: (40 * 10) / ms, totalMs: 40 * 10 })
    expect(of('measure', 'waiting')?.count).toBe(40)
  }
})

/** The first ten questions of each of the database's connections, by its number. */
async function firstQuestions(env: Record<string, string>, files: Record<string, string> = {}) {
  const world = await inScenario({ BLOCK_SECONDS: '1', WARMUP_SECONDS: '1', ...env }, files)
  const asked = { database: new Map<number, string[]>(), service: new Map<number, string[]>() }
  world.answer = (to, key) => {
    // A turn's questions go to connections that were opened before, too.
    if (!to.includes('pg_') && to.startsWith(world.opened.at(-1)?.address ?? '')) {
      const own = asked[to.startsWith('http') ? 'service' : 'database']
      const list = own.get(world.opened.length) ?? []
      if (list.length < 10) list.push(typeof key === 'string' ? key : JSON.stringify(key))
      own.set(world.opened.length, list)
    }
    return answering()(to)
  }
  const { measurePair } = await import('./choreography.ts')
  const { settings } = await import('./comparison.ts')
  for (const clients of settings.clients)
    for (let pair = 1; pair <= settings.pairs; pair++) measurePair(clients, pair)
  const lists = (of: 'database' | 'service') =>
    [...asked[of].values()].filter(({ length }) => length === 10).map((list) => list.join())
  return { world, database: lists('database'), service: lists('service') }
}

test('after connecting all sides are asked the same, and what they answered is handed over as counts', async () => {
  const { world, database, service } = await firstQuestions({ PAIRS: '1', CLIENTS: '2' })
  expect(database.length).toBeGreaterThan(1)
  expect(service).toEqual(database)
  // The one user stands for two.
  expect(world.meetings['ready/2/1/0']?.sums).toEqual([20, 0])
})

test('each pair, opening and number of clients has questions of its own', async () => {
  const many = Array.from({ length: 500 }, (_, index) => [index, 2013, 1, 1])
  const { database } = await firstQuestions(
    { CLIENTS: '1,2', PAIRS: '3' },
    { 'keys.json': JSON.stringify(many) },
  )
  expect(database.length).toBeGreaterThan(15)
  expect(new Set(database).size).toBe(database.length)
})
