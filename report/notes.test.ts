import { expect, test } from 'vitest'
import { latenciesOf } from '../gap/fixture.ts'
import { fullSampleRun, sampleRun } from './fixture.ts'
import { notes } from './notes.ts'

test('of a sound run there is nothing to note', () => {
  expect(notes(sampleRun())).toEqual([])
  // Three times as often is enough.
  const run = fullSampleRun()
  for (const cost of run.costs) cost.headroom = { ...cost.headroom, median: 3 }
  expect(notes(run)).toEqual([])
})

test('a client that is a large part of what was seen is named once, with its numbers of clients', () => {
  const run = fullSampleRun()
  for (const cost of run.costs) cost.headroom = { ...cost.headroom, median: 2.9 }
  run.costs.push(...run.costs.map((cost) => ({ ...cost, clients: 4 })))
  expect(notes(run)).toEqual([
    'the client is a large part of what was seen of postgres and python (it could have asked less than 3 times as often; clients: 1, 4): look at the figures net of client cost, too',
  ])
})

// The smallest number of which at most one in a hundred may be longer, and one is.
test('blocks of too few answers for a p99 are told of, by side and number of clients', () => {
  const run = sampleRun()
  const own = run.measurement.blocks.filter(({ key }) => key === 'python')
  const answer = (count: number) => latenciesOf(Array(count).fill(5))
  for (const [at, count] of [100, 99, 40].entries()) Object.assign(own[at] as object, { ok: answer(count) })
  expect(notes(run)).toEqual([
    'fewer than 100 answers are in 2 blocks of python at one client (at the fewest 40): p99 there is the longest of them; a longer --block has more',
  ])
})

test('bounds that say nothing of this run are told with the numbers of clients that they are for', () => {
  const run = sampleRun()
  run.verdict.notJudged = [
    { threshold: 'python[1].minTps', clients: 20, why: 'clients' },
    { threshold: 'python[1].maxLatencyMs.p50', clients: 20, why: 'clients' },
    { threshold: 'python[2].minTps', clients: 50, why: 'clients' },
  ]
  expect(notes(run)).toEqual([
    'not judged, for they hold at other numbers of clients (20, 50) than were measured: python[1].minTps, python[1].maxLatencyMs.p50, python[2].minTps',
  ])
})

test('other bounds that say nothing of this run are told by the reason', () => {
  const run = sampleRun()
  run.verdict.notJudged = [
    { threshold: 'gap.minTrainingMemoryRatio', why: 'training' },
    { threshold: 'python.minTps', clients: 1, why: 'rate' },
    { threshold: 'postgres.minTps', clients: 5, why: 'rate' },
    { threshold: 'gap.minTpsRatio', why: 'sides' },
  ]
  expect(notes(run)).toEqual([
    'not judged, for at a given rate every side serves what is due: python.minTps, postgres.minTps',
    'not judged, for no training was measured: gap.minTrainingMemoryRatio',
    'not judged, for its sides were not asked as the workload declares them: gap.minTpsRatio',
  ])
})

test('in the open model it is told how late the client was, over all blocks', () => {
  const run = sampleRun([5])
  const [first, second] = run.measurement.blocks
  if (first) first.late = latenciesOf(Array.from({ length: 98 }, () => 1))
  if (second) second.late = latenciesOf([50, 50])
  expect(notes(run)).toEqual([
    "the client sent requests 1.00 ms late at p50, 50.0 ms at p99, for which it waited itself; that is part of every side's latency",
  ])
})

test('warm-ups that ended before rates were steady are counted', () => {
  const run = sampleRun()
  const warmup = { clients: 4, session: 1, seconds: 1, steady: true }
  run.measurement.warmups = [warmup, { ...warmup, steady: false }, { ...warmup, clients: 9, steady: false }]
  expect(notes(run)).toEqual(['2 of 3 warm-ups ended before the rates were steady (clients: 4, 9)'])
})

const repeat = (count: number, ms: number) => Array.from({ length: count }, () => ms)

test('a stall that a closed model would have hidden is told with both figures', () => {
  const run = sampleRun([5])
  for (const block of run.measurement.blocks)
    if (block.key === 'python')
      Object.assign(block, {
        ok: latenciesOf([...repeat(470, 2), ...repeat(30, 200)]),
        alone: latenciesOf([...repeat(470, 2), 200]),
      })
  expect(notes(run)).toEqual([
    'python stalled: arrivals waited 200 ms at p99, where one client of a closed model would have seen 2.00 ms (coordinated omission)',
  ])
})

test('workers that shared the answers unevenly are told, of blocks that say who answered', () => {
  const run = sampleRun([5, 5])
  const [, first, , second] = run.measurement.blocks
  if (!first || !second) throw new Error('no blocks')
  // At four clients two workers have a hundred each, where they share evenly.
  Object.assign(first, { clients: 4, workers: { 7: 190, 8: 10 } })
  Object.assign(second, { clients: 4, workers: { 7: 100, 8: 100 } })
  expect(notes(run)).toEqual([
    'in 1 of 2 blocks of python its workers shared the answers unevenly (clients: 4)',
  ])
  Object.assign(run.measurement.blocks[0] ?? {}, { clients: 4, workers: { 7: 990, 8: 10 } })
  expect(notes(run)).toEqual([
    expect.stringMatching(/^in 2 of 3 blocks of postgres and python its workers .* \(clients: 4\)$/),
  ])
})

test('a host that gave more than its share is told, and one that gave less', () => {
  const run = sampleRun([5])
  const [, block] = run.measurement.blocks
  if (!block) throw new Error('no block')
  const failed = latenciesOf([])
  block.hosts = [
    { name: 'one', ok: latenciesOf(repeat(150, 5)), failed },
    { name: 'two', ok: latenciesOf(repeat(50, 5)), failed },
  ]
  expect(notes(run)).toEqual([
    'one of python gave 75 % of its answers to 1 clients, which is no even share',
    'two of python gave 25 % of its answers to 1 clients, which is no even share',
  ])
})

test('who woke up in its warm-up is noted; what stood still while it was measured is a premise of its own', () => {
  const run = sampleRun()
  const [opening] = run.measurement.time?.spent ?? []
  if (!opening) throw new Error('no opening')
  run.measurement.time?.spent.push({ ...opening, phase: 'warmup', largestMs: 3000 })
  opening.largestMs = 5000
  expect(notes(run)).toEqual([
    'postgres at 1 client, warm-up: opening a connection took 3.0 s, where half take 4 ms at most; it woke up there, or it stood still',
  ])
})
