import { expect, test } from 'vitest'
import { latenciesOf, sampleMeasurement } from './fixture.ts'
import type { Measurement, Spent, Stage } from './measurement.ts'
import { accountedShare, hidden, hiddenInWords, isWakingUp } from './outside.ts'
import { premisesOf } from './premises.ts'

const of = (measurement: Measurement, key: string, stage: Stage) =>
  measurement.time?.spent.find((each) => each.key === key && each.stage === stage) as Spent

const places = (measurement: Measurement) => hidden(measurement).map(({ key, stage }) => `${key} ${stage}`)

/** As if one of its kind had taken five seconds longer. */
function stalled(key: string, stage: Stage, ms = 5000): Measurement {
  const measurement = sampleMeasurement()
  const one = of(measurement, key, stage)
  one.largestMs = (one.largestMs ?? 0) + ms
  one.totalMs += ms
  return measurement
}

test('a sound run hides nothing', () => {
  expect(hidden(sampleMeasurement())).toEqual([])
})

test.each([
  'opening',
  'settling',
  'lead',
  'closing',
  'waiting',
] as const)('five seconds in %s are told of, with the side and how long', (stage) => {
  for (const key of ['postgres', 'python']) {
    const measurement = stalled(key, stage)
    expect(places(measurement)).toContain(`${key} ${stage}`)
    const premise = premisesOf(measurement).find(({ name }) => name === 'outside the turns')
    expect(premise?.holds).toBe(false)
    expect(premise?.seen).toContain(`${key} at 1 client: `)
    expect(premise?.seen).toMatch(/took 5\.0 s, where half take \d/)
  }
})

test('what a busy machine does to anyone is no stop', () => {
  for (const stage of ['opening', 'settling', 'lead', 'closing', 'waiting'] as const)
    expect(places(stalled('python', stage, 900))).toEqual([])
})

test('the more its kind takes, the more one may', () => {
  const measurement = sampleMeasurement()
  const opening = of(measurement, 'python', 'opening')
  Object.assign(opening, { medianMs: 600, largestMs: 3000, totalMs: 5 * 1200 })
  expect(places(measurement)).toEqual([])
  opening.largestMs = 4000
  expect(places(measurement)).toEqual(['python opening'])
})

test('where a stop hit most of few, what is usual is known from the warm-up and other sessions', () => {
  const measurement = stalled('python', 'opening')
  const opening = of(measurement, 'python', 'opening')
  measurement.time?.spent.push({ ...opening, phase: 'warmup', largestMs: 8 })
  opening.medianMs = 5000
  expect(places(measurement)).toEqual(['python opening'])
})

test('who waits for a request that counts has its reason in a figure', () => {
  const measurement = stalled('python', 'waiting')
  expect(places(measurement)).toEqual(['python waiting'])
  const [block] = measurement.blocks.filter(({ key }) => key === 'python')
  if (block) block.ok = latenciesOf([5, 5, 5100])
  expect(hidden(measurement)).toEqual([])
})

test('a wait of all sides is explained by what the users of any did', () => {
  const measurement = stalled('python', 'opening')
  const opening = of(measurement, 'python', 'opening')
  measurement.time?.spent.push({ ...opening, key: null, stage: 'waiting', medianMs: 0.1 })
  expect(places(measurement)).toEqual(['python opening'])
})

test('many small stops come to a large one', () => {
  const measurement = sampleMeasurement()
  const opening = of(measurement, 'python', 'opening')
  // None longer than a second, but two seconds more than three times as many medians.
  Object.assign(opening, { count: 100, medianMs: 4, largestMs: 800, totalMs: 3 * 400 + 2000 })
  expect(places(measurement)).toEqual(['python opening'])
  opening.totalMs = 3 * 400 + 900
  expect(places(measurement)).toEqual([])
  // A twentieth of what counts is little.
  opening.totalMs = 3 * 400 + 2000
  of(measurement, 'python', 'counted').totalMs = 41_000
  expect(places(measurement)).toEqual([])
})

test('failures that no figure holds', () => {
  const measurement = sampleMeasurement()
  of(measurement, 'python', 'settling').failed = 2
  expect(hidden(measurement).map(hiddenInWords)).toEqual([
    'python at 1 client: the first questions of a connection failed 2 of 5 times',
  ])
  const [block] = measurement.blocks.filter(({ key }) => key === 'python')
  if (block) block.failed = latenciesOf([1])
  expect(hidden(measurement)).toEqual([])
})

test('one request that failed, and counts, tells nothing of many openings that did', () => {
  const failing = (opened: number, counted: number) => {
    const measurement = sampleMeasurement()
    Object.assign(of(measurement, 'python', 'opening'), { count: 40, failed: opened })
    const [first, ...others] = measurement.blocks.filter(({ key }) => key === 'python')
    for (const block of others) block.failed.count = 0
    Object.assign(first?.failed ?? {}, { count: counted })
    const all = [first, ...others].reduce((sum, block) => sum + (block?.ok.count ?? 0), counted)
    return { all, told: hidden(measurement).map(({ stage }) => stage) }
  }
  expect(failing(3, 1).told).toEqual([])
  expect(failing(4, 1).told).toEqual(['opening'])
  expect(failing(40, 1).told).toEqual(['opening'])
  // As often as they: half of the requests that count.
  expect(failing(20, failing(0, 0).all).told).toEqual([])
  // Three, and five times a tenth of 40.
  const tenth = failing(0, 0).all / 9
  expect([22, 23, 24].map((opened) => failing(opened, tenth).told.length)).toEqual([0, 0, 1])
})

test('a target may wake up in its warm-up, and only there and then', () => {
  for (const stage of ['opening', 'settling', 'lead', 'counted', 'closing'] as const) {
    const measurement = sampleMeasurement()
    const usual = of(measurement, 'python', stage === 'counted' ? 'lead' : stage)
    measurement.time?.spent.push({ ...usual, stage, phase: 'warmup', medianMs: 5, largestMs: 5000 })
    const [found] = hidden(measurement)
    expect(found?.stage).toBe(stage)
    const isFirst = stage === 'opening' || stage === 'settling'
    expect(found && isWakingUp(found)).toBe(isFirst)
    expect(premisesOf(measurement).find(({ name }) => name === 'outside the turns')?.holds).toBe(isFirst)
  }
})

test('the share of all sessions that is accounted for', () => {
  const { sessions } = sampleMeasurement().time as NonNullable<Measurement['time']>
  expect(accountedShare({ sessions, spent: [] })).toBeCloseTo(0.998)
  const second = sessions.map((each) => ({ ...each, session: 2, accountedMs: each.lengthMs / 2 }))
  expect(accountedShare({ sessions: [...sessions, ...second], spent: [] })).toBeCloseTo(0.749)
})

test.each([
  ['opening', 'opening a connection took 5.0 s, where half take 4 ms at most'],
  ['settling', 'the first questions of a connection took 5.0 s, where half take 6 ms at most'],
  ['lead', 'a request in a lead took 5.0 s, where half take 1 ms at most'],
  ['closing', 'closing a connection took 5.0 s, where half take 1 ms at most'],
  ['waiting', 'waiting for other clients took 5.0 s, where half take 0.1 ms at most'],
] as const)('what stood still is told in words: %s', (stage, seen) => {
  expect(hidden(stalled('python', stage)).map(hiddenInWords)).toEqual([`python at 1 client: ${seen}`])
})

test('of all sides, of the warm-up and of a length of seconds it is told as such', () => {
  const measurement = sampleMeasurement()
  const { spent = [] } = measurement.time ?? {}
  const lead = of(measurement, 'python', 'lead')
  spent.push({ ...lead, stage: 'counted', phase: 'warmup', medianMs: 5, largestMs: 5000 })
  spent.push({ ...lead, key: null, clients: 7, stage: 'waiting', medianMs: 1000, largestMs: 6000 })
  expect(hidden(measurement).map(hiddenInWords)).toEqual([
    'python at 1 client, warm-up: a request took 5.0 s, where half take 5 ms at most',
    'all sides at 7 clients: waiting for other clients took 6.0 s, where half take 1.0 s at most',
  ])
})

test('one may take a second and four times what half take, and no more', () => {
  const measurement = sampleMeasurement()
  const opening = of(measurement, 'python', 'opening')
  opening.largestMs = 1000 + 4 * 4
  expect(places(measurement)).toEqual([])
  opening.largestMs += 0.1
  expect(places(measurement)).toEqual(['python opening'])
  // Where nothing is known of half of them, nothing can be too long.
  opening.medianMs = null
  expect(places(measurement)).toEqual([])
})

test('what is usual at other numbers of clients is not what is usual here', () => {
  const measurement = sampleMeasurement()
  const opening = of(measurement, 'python', 'opening')
  measurement.time?.spent.push({ ...opening, clients: 5, medianMs: 1000, largestMs: 4000 })
  expect(places(measurement)).toEqual([])
})

test('a wait has its reason in what the same users did, and nowhere else', () => {
  const elsewhere = (change: Partial<Spent>) => {
    const measurement = stalled('python', 'waiting')
    const opening = of(measurement, 'python', 'opening')
    measurement.time?.spent.push({ ...opening, medianMs: 2000, largestMs: 6000, ...change })
    return places(measurement)
  }
  expect(elsewhere({})).not.toContain('python waiting')
  for (const change of [{ clients: 5 }, { session: 2 }, { key: 'postgres' }])
    expect(elsewhere(change)).toContain('python waiting')
  // Nor is a wait itself a reason to wait.
  expect(elsewhere({ stage: 'waiting', clients: 1, largestMs: 900 })).toContain('python waiting')

  const blocked = (change: (block: Measurement['blocks'][number]) => void) => {
    const measurement = stalled('python', 'waiting')
    const [block] = measurement.blocks.filter(({ key }) => key === 'python')
    if (block) change(block)
    return places(measurement)
  }
  expect(blocked((block) => Object.assign(block, { failed: latenciesOf([5100]) }))).toEqual([])
  const ok = latenciesOf([5100])
  for (const change of [{ clients: 5 }, { session: 2 }, { key: 'postgres' }])
    expect(blocked((block) => Object.assign(block, { ok, ...change }))).toEqual(['python waiting'])
})

test('reasons to wait add up, and a request of any side is one for all', () => {
  const measurement = stalled('python', 'waiting')
  const [opening, settling] = (['opening', 'settling'] as const).map((stage) =>
    of(measurement, 'python', stage),
  )
  Object.assign(opening as Spent, { medianMs: 600, largestMs: 2200 })
  expect(places(measurement)).toEqual(['python waiting'])
  Object.assign(settling as Spent, { medianMs: 600, largestMs: 2200 })
  expect(places(measurement)).toEqual([])

  const both = sampleMeasurement()
  const waiting = of(both, 'python', 'waiting')
  both.time?.spent.push({ ...waiting, key: null, largestMs: 5000 })
  expect(hidden(both).map(({ key, stage }) => [key, stage])).toEqual([[null, 'waiting']])
  const [block] = both.blocks
  if (block) block.ok = latenciesOf([5100])
  expect(hidden(both)).toEqual([])
})

/** A hundred openings that together take two seconds more than three times as long as half of them. */
function slow(clients = 1): Measurement {
  const measurement = sampleMeasurement()
  const opening = of(measurement, 'python', 'opening')
  const totalMs = clients * (3 * 400 + 2000)
  Object.assign(opening, { clients, count: clients * 100, medianMs: 4, largestMs: 800, totalMs })
  Object.assign(of(measurement, 'python', 'counted'), { clients, totalMs: clients * 4000 })
  return measurement
}

test('many small stops are told in words, by client', () => {
  const told = "took 3.2 s of each client's time, 2.0 s more than 3 times as long as half of the"
  expect(hidden(slow()).map(hiddenInWords)).toEqual([
    `python at 1 client: opening a connection ${told} 100 took; 4.0 s are counted`,
  ])
  expect(hidden(slow(2)).map(hiddenInWords)).toEqual([
    `python at 2 clients: opening a connection ${told} 200 took; 4.0 s are counted`,
  ])
})

test('small stops may come to a second of each client, or to a twentieth of what counts', () => {
  const measurement = slow(2)
  const [opening, counted] = (['opening', 'counted'] as const).map((stage) =>
    of(measurement, 'python', stage),
  ) as [Spent, Spent]
  counted.totalMs = 2 * 39_000
  expect(places(measurement)).toEqual(['python opening'])
  counted.totalMs = 2 * 41_000
  expect(places(measurement)).toEqual([])
  counted.totalMs = 2 * 4000
  opening.totalMs = 2 * (3 * 400 + 1000)
  expect(places(measurement)).toEqual([])
  opening.totalMs += 1
  expect(places(measurement)).toEqual(['python opening'])
})

test.each([
  { key: 'postgres' },
  { session: 2 },
  { clients: 5 },
  { phase: 'warmup' },
] as const)('what counts elsewhere, %j, is nothing to hold small stops against', (change) => {
  const measurement = slow()
  measurement.time = {
    ...(measurement.time as NonNullable<Measurement['time']>),
    spent: [of(measurement, 'python', 'opening'), { ...of(measurement, 'python', 'counted'), ...change }],
  }
  expect(hidden(measurement)).toEqual([])
})

test.each([
  'waiting',
  'resting',
  'lead',
  'counted',
] as const)('however long all of %s takes, it is no slowness of a target', (stage) => {
  const measurement = sampleMeasurement()
  const one = of(measurement, 'python', 'opening')
  measurement.time?.spent.push({ ...one, stage, medianMs: 1, largestMs: 1, totalMs: 1e6 })
  expect(hidden(measurement)).toEqual([])
})

test('who rests does so as long as others take, so that a long rest is no stop', () => {
  const measurement = sampleMeasurement()
  const one = of(measurement, 'python', 'opening')
  measurement.time?.spent.push({ ...one, stage: 'resting', medianMs: 1, largestMs: 60_000, totalMs: 60_004 })
  expect(hidden(measurement)).toEqual([])
})

test('failures of others explain none of these, and requests that count have figures of their own', () => {
  for (const change of [{ key: 'postgres' }, { session: 2 }, { clients: 5 }]) {
    const measurement = sampleMeasurement()
    of(measurement, 'python', 'settling').failed = 2
    const [block] = measurement.blocks.filter(({ key }) => key === 'python')
    Object.assign(block ?? {}, { failed: latenciesOf([1]), ...change })
    expect(places(measurement)).toEqual(['python settling'])
  }
  const measurement = sampleMeasurement()
  of(measurement, 'python', 'counted').failed = 3
  expect(hidden(measurement)).toEqual([])
})

test('a run of an earlier version, which did not look, hides nothing that could be told', () => {
  const { time: _, ...measurement } = sampleMeasurement()
  expect(hidden(measurement)).toEqual([])
})
