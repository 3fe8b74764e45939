import { describe, expect, test } from 'vitest'
import { askBeside, sampleBlock } from '../../gap/fixture.ts'
import { runByHand, runWithShares, sampleRun } from '../fixture.ts'
import * as data from './data.ts'

const turns = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => ({ endMs: (from + at + 1) * 1000, requests: 2, busyMs: 10 }))

describe('over time', () => {
  test('each turn has its moment in seconds and the time of one answer', () => {
    const run = sampleRun([5])
    for (const block of run.measurement.blocks) block.turns = turns(3)
    expect(data.overTime(run).filter(({ key }) => key === 'python')).toEqual(
      [1, 2, 3].map((seconds) => ({ key: 'python', session: 1, seconds, ms: 5 })),
    )
  })

  test('turns in which nobody was at work are none, and one without an answer took its time', () => {
    const run = sampleRun([5])
    const [block] = run.measurement.blocks
    if (block)
      block.turns = [
        { endMs: 100, requests: 0, busyMs: 0 },
        { endMs: 200, requests: 0, busyMs: 80 },
      ]
    expect(data.overTime(run)).toEqual([{ key: 'postgres', session: 1, seconds: 0.2, ms: 80 }])
  })

  test('many are thinned to what a chart can show, those of each session apart', () => {
    const run = sampleRun([5])
    const [block] = run.measurement.blocks
    if (!block) throw new Error('no block')
    block.turns = turns(400)
    expect(data.overTime(run)).toHaveLength(400)
    block.turns = turns(401)
    const rows = data.overTime(run)
    expect(rows).toHaveLength(201)
    expect(rows.slice(0, 2).map(({ seconds, ms }) => [seconds, ms])).toEqual([
      [1, 5],
      [3, 5],
    ])
    block.turns = turns(301)
    run.measurement.blocks.push({
      ...block,
      session: 2,
      turns: turns(300).map((turn) => ({ ...turn, busyMs: 100 })),
    })
    // Two together: the 301st of the first session has none of its own beside it.
    const both = data.overTime(run)
    expect(both).toHaveLength(301)
    expect(both.filter(({ session }) => session === 1).every(({ ms }) => ms === 5)).toBe(true)
    expect(both.filter(({ session }) => session === 2).every(({ ms }) => ms === 50)).toBe(true)
    // Its first turn is not lost to the session before it.
    expect(both.find(({ session }) => session === 2)?.seconds).toBe(1)
  })

  test('the fewest clients alone are shown', () => {
    const run = sampleRun([5])
    run.measurement.settings.clients = [4, 1]
    const [block] = run.measurement.blocks
    if (block) run.measurement.blocks.push({ ...block, clients: 4, turns: turns(3) })
    expect(data.overTime(run)).toEqual([])
  })
})

describe('the gap in view', () => {
  test('ends at twice the largest median, and leaves room above', () => {
    const run = sampleRun([2, 9])
    delete run.published
    const { rows, top } = data.gapsInView(run)
    const [row] = rows
    expect(rows).toHaveLength(1)
    // The median of two is their geometric mean.
    expect(row?.median).toBeCloseTo(Math.sqrt(18), 9)
    expect(row?.end).toBeCloseTo(2 * Math.sqrt(18), 9)
    expect(row?.isCut).toBe(true)
    expect(top).toBe(row?.end)
  })

  test('of even pairs is the median, with a twentieth of room, or a tenth above what was published', () => {
    const run = sampleRun([5, 5, 5, 5])
    expect(data.gapsInView(run)).toMatchObject({ rows: [{ isCut: false }], top: 1.1 * (5926.5 / 859.09) })
    delete run.published
    const { rows, top } = data.gapsInView(run)
    expect(rows[0]?.end).toBeCloseTo(5, 9)
    expect(top).toBeCloseTo(5.25, 9)
  })
})

test('bars have an interval where there are several blocks with a figure', () => {
  const run = sampleRun([5, 5])
  const [first, , second] = run.measurement.blocks
  if (!first || !second) throw new Error('no blocks')
  ;[first.tps, second.tps] = [900, 1100]
  const [postgres, python] = data.rateBars(run)
  expect(postgres).toMatchObject({ key: 'postgres', value: 1000 })
  // As that of two ratios: beyond both of them.
  expect(postgres?.low).toBeLessThan(900)
  expect(postgres?.high).toBeGreaterThan(1100)
  expect([python?.low, python?.high]).toEqual([expect.closeTo(200, 6), expect.closeTo(200, 6)])
  Object.assign(second, sampleBlock('postgres', 2, []))
  expect(data.rateBars(run)[0]).not.toHaveProperty('low')
  expect(data.latencyBars(run).map(({ figure, key }) => [figure, key])).toEqual(
    ['p50', 'p95', 'p99'].flatMap((figure) => ['postgres', 'python'].map((key) => [figure, key])),
  )
})

test('a bar is of blocks at its own number of clients', () => {
  const run = sampleRun([5, 5])
  const [first] = run.measurement.blocks
  if (first) run.measurement.blocks.push({ ...first, clients: 4, tps: 1e6 })
  expect(data.rateBars(run)[0]?.high).toBeCloseTo(1000, 6)
})

test('a side without an answer has no bar of latency, and no line', () => {
  const run = sampleRun([5])
  for (const figures of run.verdict.figures)
    if (figures.key === 'python')
      Object.assign(figures.latencyMs, { p50: Number.NaN, p95: Number.NaN, p99: Number.NaN })
  expect(data.latencyBars(run).map(({ key }) => key)).toEqual(Array(3).fill('postgres'))
  expect(data.latencies(run).map(({ key, figure }) => [key, figure])).toEqual(
    ['p50', 'p95', 'p99'].map((figure) => ['postgres', figure]),
  )
})

test('blocks of whoever predicts are dots, and of null operations are none', () => {
  const run = sampleRun([5])
  askBeside(run.measurement, 'postgres-null', 'postgres-fast')
  for (const key of ['postgres-null', 'postgres-fast'])
    run.measurement.blocks.push({ ...sampleBlock(key, 1, [1]), phase: 'beside' })
  expect(data.blockRates(run)).toEqual([
    { key: 'postgres', clients: 1, pair: 1, session: 1, tps: 1000 },
    { key: 'python', clients: 1, pair: 1, session: 1, tps: 200 },
    { key: 'postgres-fast', clients: 1, pair: 1, session: 1, tps: 1 },
  ])
})

test('published rates are of sides that this run has, and say what stood between', () => {
  const run = sampleRun([5])
  run.published = {
    source: 'x',
    clients: 1,
    sides: {},
    curve: [
      { clients: 50, tps: { postgres: 10, other: 20 } },
      { clients: 1, tps: { python: 5 }, between: 'PgBouncer' },
    ],
  }
  expect(data.publishedRates(run)).toEqual([
    { key: 'postgres', clients: 50, tps: 10, between: 'nothing' },
    { key: 'python', clients: 1, tps: 5, between: 'PgBouncer' },
  ])
  run.measurement.settings.clients = [4, 1]
  expect(data.clientsOf(run)).toEqual([1, 4, 50])
  delete run.published
  expect(data.publishedRates(run)).toEqual([])
  expect(data.hasSeveral(run)).toBe(true)
  run.measurement.settings.clients = [1]
  expect(data.hasSeveral(run)).toBe(false)
})

test('factors begin where the one before ends', () => {
  const close = (value: number) => expect.closeTo(value, 9)
  expect(data.factors(runWithShares().verdict.shares ?? []).filter(({ key }) => key === 'postgres')).toEqual([
    { key: 'postgres', clients: 1, factor: 'architecture', from: 1, to: close(2.5) },
    { key: 'postgres', clients: 1, factor: 'implementation', from: close(2.5), to: close(5) },
  ])
  expect(data.sharesByBuild(sampleRun())).toEqual([])
})

test('all parts of a side are its memory together', () => {
  expect(data.memory(runByHand())).toEqual([
    { what: 'training', key: 'postgres', bytes: 1e8 },
    { what: 'training', key: 'python', bytes: 3e8 },
    { what: 'serving, one client', key: 'postgres', bytes: 4e7 },
    { what: 'serving, one client', key: 'python', bytes: 3.2e8 },
  ])
})

test('a piece that came sooner than the one before costs nothing, and none goes beyond what was seen', () => {
  const run = runByHand()
  const [cost] = run.costs
  if (!cost) throw new Error('no cost')
  cost.nullMs = 0.5
  cost.parts = [
    { key: 'a', until: 'sooner', ms: 0.25 },
    { key: 'b', until: 'later', ms: 4 },
  ]
  run.costs = [cost, { ...cost, clients: 4, seenMs: 100 }]
  expect(data.pieces(run).map(({ part, ms }) => [part, ms])).toEqual([
    ['client and network', 0.5],
    ['sooner', 0],
    ['later', 0.5],
    ['postgres: the rest', 0],
  ])
})

test('a distribution has no rank beyond its last request', () => {
  const run = sampleRun([5])
  const [postgres, python] = ['postgres', 'python'].map((side) =>
    data.distribution(run).filter(({ key }) => key === side),
  )
  // 1000 requests and 200: 99.9 % and 99.5 % are before the last.
  expect(postgres?.at(-1)?.rank).toBe(99.9)
  expect(python?.at(-1)?.rank).toBe(99.5)
  expect(postgres?.[0]).toMatchObject({ clients: 1, rank: 1, ms: expect.closeTo(1, 2) })
  expect(postgres).toHaveLength(102)
  run.measurement.settings.clients = [9]
  expect(data.distribution(run)).toEqual([])
})
