import type { RecordedSeries } from 'k6/x/recorder'
import { expect, test } from 'vitest'
import { latenciesOf } from '../../gap/fixture.ts'
import { pairsOf } from '../../gap/pairs.ts'
import {
  besideBlock,
  blockName,
  blocksOf,
  failuresOf,
  type Phase,
  stageName,
  turnName,
  warmupsOf,
} from './blocks.ts'

const [postgres, python] = ['postgres', 'python'] as const
const sides = [{ key: postgres }, { key: python }]

const series = (side: string, block: string, ms: number[], labels: Record<string, number> = {}) =>
  ({
    side,
    block,
    ok: latenciesOf(ms),
    failed: latenciesOf([]),
    labels,
  }) as unknown as RecordedSeries

const meeting = (at: number, ...sums: number[]) => ({ at, sums })
/** At a turn's end: leads of 20 ms of each of two clients before what counts. */
const end = (at: number, ...sums: number[]) => meeting(at, ...sums, 40, 40 + (sums[1] as number))
const name = (phase: Phase, side: string, turn: number) => turnName(phase, 2, 1, side, turn)

// Two clients: of the first side 8 requests in 2 turns that kept each client busy for 100 ms, of the other 2 requests.
const meetings = {
  'ready/2/1': meeting(1000),
  [name('warmup', postgres, 0)]: end(900, 5, 50, 5, 50, 5, 50),
  [name('measure', postgres, 0)]: end(1050, 5, 100, 5, 100, 4.9, 98),
  [name('measure', postgres, 3)]: end(1200, 3, 100, 0, 0, 0, 0),
  [name('measure', python, 1)]: end(1100, 1, 100, 1, 100, 1, 100),
  [name('measure', python, 2)]: end(1150, 1, 100, 1, 100, 1, 100),
  'warmup/2/over': meeting(990, 1000, 2),
}
const recorded = [
  series(postgres, blockName('warmup', 2, 0), [1, 1]),
  series(postgres, stageName('measure', 2, 'lead'), [9, 9]),
  series(postgres, blockName('measure', 2, 1), [10, 10, 10, 10, 10, 10, 10, 10]),
  series(python, blockName('measure', 2, 1), [50, 50], { '7': 2 }),
]

test('a block is what its turns were, and nothing of lead or warm-up', () => {
  const blocks = blocksOf(sides, meetings, recorded, 900)
  expect(blocks.map(({ key, phase, clients, pair }) => [key, phase, clients, pair])).toEqual([
    ['postgres', 'measure', 2, 1],
    ['python', 'measure', 2, 1],
  ])
  const [first, second] = blocks
  // Each client was busy for 100 ms; 8 right answers.
  expect(first?.windowMs).toBe(100)
  expect(first?.tps).toBe(80)
  expect(first?.turns).toEqual([
    { endMs: 150, requests: 5, busyMs: 100 },
    { endMs: 300, requests: 3, busyMs: 100 },
  ])
  // 4.9 requests in 49 ms of each of two clients is 100 a second; an iteration took 20 ms.
  expect(first?.concurrency).toBeCloseTo(2)
  expect(second?.tps).toBe(20)
  expect(second?.workers).toEqual({ '7': 2 })
})

test('requests that outlasted every turn leave nothing to check', () => {
  const disturbed = { ...meetings, [name('measure', postgres, 0)]: end(1050, 5, 100, 0, 0, 0, 0) }
  expect(blocksOf(sides, disturbed, recorded, 0)[0]?.concurrency).toBeNull()
})

test('a pair is one ratio of each figure, above 1 where the first side wins', () => {
  const [pair, ...more] = pairsOf(sides, 'python', blocksOf(sides, meetings, recorded, 0))
  expect(more).toEqual([])
  expect(pair).toMatchObject({ key: 'postgres', clients: 2, pair: 1, tps: 4 })
  expect(pair?.mean).toBeCloseTo(5)
  expect(pair?.p99).toBeCloseTo(5, 2)
})

test('a side without a right answer has no ratio', () => {
  const silent = recorded.map((one) => (one.side === 'python' ? series(python, one.block, []) : one))
  expect(pairsOf(sides, 'python', blocksOf(sides, meetings, silent, 0))).toEqual([])
})

test('the warm-up is told with its length and whether all clients found it steady', () => {
  expect(warmupsOf(meetings)).toEqual([{ clients: 2, session: 1, seconds: 0.5, steady: true }])
  expect(warmupsOf({ 'warmup/2/over': meeting(0, 20_000, 0) })[0]?.steady).toBe(false)
})

test('what failed is told with its place in the run, over all pairs', () => {
  const failing = (block: string, kind: string, count: number, message = 'as it was') =>
    ({ side: 'python', block, failures: [{ kind, count, message }] }) as RecordedSeries
  const seen = failuresOf([
    failing(stageName('warmup', 2, 'opening'), 'EMFILE', 1),
    failing(blockName('warmup', 2, 0), 'HTTP 302', 5),
    failing(stageName('measure', 2, 'lead'), 'HTTP 302', 6),
    failing(blockName('measure', 2, 1), 'HTTP 302', 7, 'the first'),
    failing(blockName('measure', 2, 2), 'HTTP 302', 8, 'a later one'),
    failing(blockName('measure', 5, 1), 'HTTP 302', 9),
    failing(stageName('measure', 2, 'opening'), 'EMFILE', 2),
    failing(stageName('measure', 2, 'settling'), 'EMFILE', 3),
    failing(blockName('beside', 2, 2), 'time-out', 4),
    // These look at requests that count elsewhere.
    failing(besideBlock(blockName('measure', 2, 1), 'alone'), 'HTTP 302', 100),
    failing(besideBlock(blockName('measure', 2, 1), 'late'), 'HTTP 302', 100),
  ])
  expect(seen.map(({ clients, phase, kind, count }) => [clients, phase, kind, count])).toEqual([
    [2, 'opening', 'EMFILE', 1 + 2 + 3],
    [2, 'warmup', 'HTTP 302', 5],
    [2, 'lead', 'HTTP 302', 6],
    [2, 'measure', 'HTTP 302', 7 + 8],
    [5, 'measure', 'HTTP 302', 9],
    [2, 'beside', 'time-out', 4],
  ])
  expect(seen[3]).toMatchObject({ key: 'python', session: 1, message: 'the first' })
})

const blocks = () => blocksOf(sides, meetings, recorded, 900)

test('a block is named after its numbers and its side', () => {
  expect(blocks().map((each) => each.name)).toEqual(['c2_p1_postgres', 'c2_p1_python'])
})

test('turns are told in their order, in whatever order the meetings come', () => {
  const reversed = Object.fromEntries(Object.entries(meetings).reverse())
  expect(blocksOf(sides, reversed, recorded, 900)).toEqual(blocks())
})

test('what the open model looks at besides is there where something was seen', () => {
  const block = blockName('measure', 2, 1)
  const more = [...recorded, series(postgres, `${block}_alone`, [3]), series(postgres, `${block}_late`, [])]
  const [first, second] = blocksOf(sides, meetings, more, 0)
  expect(first?.alone?.count).toBe(1)
  expect(first).not.toHaveProperty('late')
  expect(second).not.toHaveProperty('alone')
})

test('who is no side of the run has no block', () => {
  const [, second] = blocksOf([{ key: python }], meetings, recorded, 0)
  expect(second).toBeUndefined()
  expect(blocksOf([{ key: python }], meetings, recorded, 0).map(({ key }) => key)).toEqual(['python'])
})

test('ratios are of the same pair at the same number of clients', () => {
  const [own, last] = blocks() as [ReturnType<typeof blocks>[number], ReturnType<typeof blocks>[number]]
  const other = { ...last, tps: 1 }
  const ratios = (more: (typeof last)[]) =>
    pairsOf(sides, 'python', [...more, own, last]).map(({ tps }) => tps)
  expect(ratios([{ ...other, pair: 9 }])).toEqual([4])
  expect(ratios([{ ...other, clients: 9 }])).toEqual([4])
  expect(pairsOf(sides, 'python', [own])).toEqual([])
  expect(pairsOf([{ key: python }], 'python', [own, last])).toEqual([])
})

test('a side of which not one answer was right has no ratio, whichever it is', () => {
  const [own, last] = blocks() as [ReturnType<typeof blocks>[number], ReturnType<typeof blocks>[number]]
  expect(pairsOf(sides, 'python', [{ ...own, ok: latenciesOf([]) }, last])).toEqual([])
  expect(pairsOf(sides, 'python', [own, { ...last, ok: latenciesOf([]) }])).toEqual([])
})

test('each figure of a ratio is of its own column', () => {
  const [own, last] = blocks() as [ReturnType<typeof blocks>[number], ReturnType<typeof blocks>[number]]
  const at = (meanMs: number, p50Ms: number, p95Ms: number, p99Ms: number) => ({
    ...own.ok,
    meanMs,
    p50Ms,
    p95Ms,
    p99Ms,
  })
  const [pair] = pairsOf(sides, 'python', [
    { ...own, ok: at(1, 2, 3, 4) },
    { ...last, ok: at(10, 40, 90, 160) },
  ])
  expect(pair).toMatchObject({ mean: 10, p50: 20, p95: 30, p99: 40 })
})

test('no other meeting is taken for the end of a warm-up', () => {
  expect(warmupsOf({ 'other/2/over': meeting(0, 1, 2), 'warmup/2/begun': meeting(0, 1, 2) })).toEqual([])
})
