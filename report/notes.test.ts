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

test('bounds that say nothing of this run are told with the numbers of clients that they are for', () => {
  const run = sampleRun()
  run.verdict.notJudged = [
    { threshold: 'python[1].minTps', clients: 20 },
    { threshold: 'python[1].maxLatencyMs.p50', clients: 20 },
    { threshold: 'python[2].minTps', clients: 50 },
  ]
  expect(notes(run)).toEqual([
    'not judged, for they hold at other numbers of clients (20, 50) than were measured: python[1].minTps, python[1].maxLatencyMs.p50, python[2].minTps',
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
