import { expect, test } from 'vitest'
import { latenciesOf, sampleBlock, sampleMeasurement } from '../fixture.ts'
import type { MeasuredBlock } from '../measurement.ts'
import { laddersOf } from './ladder.ts'
import { parseObjective } from './objective.ts'

const objective = parseObjective('p90<10ms')
const objectives = new Map([
  ['postgres', objective],
  ['python', objective],
])

/** A thousand requests, of which so many take longer than the limit. */
const round = (key: string, pair: number, rate: number, over: number, session = 1): MeasuredBlock => ({
  ...sampleBlock(
    key,
    pair,
    Array.from({ length: 1000 }, (_, at) => (at < over ? 20 + at / 1000 : 1 + at / 1000)),
  ),
  session,
  open: { rate, due: 1000, waited: 0, dropped: 0, growth: 0 },
})

const measured = (blocks: MeasuredBlock[]) => ({ ...sampleMeasurement(), blocks })

test('each rate tells what it used, and the capacity lies between those that hold and those that are crossed', () => {
  const blocks = [1, 2].flatMap((session) => [
    round('postgres', 1, 100, 20, session),
    round('postgres', 2, 300, 180, session),
    round('postgres', 3, 200, 50, session),
    round('python', 1, 50, 10, session),
  ])
  const [postgres, python] = laddersOf(measured(blocks), objectives)
  expect(postgres?.rungs.map(({ rate, rounds, due }) => [rate, rounds, due])).toEqual([
    [100, 2, 2000],
    [200, 2, 2000],
    [300, 2, 2000],
  ])
  expect(postgres?.rungs.map(({ used }) => Number(used.toFixed(3)))).toEqual([0.2, 0.5, 1.8])
  expect([postgres?.holds, postgres?.crossed]).toEqual([200, 300])
  expect(postgres?.capacity?.capacity).toBeGreaterThan(200)
  expect(postgres?.capacity?.capacity).toBeLessThan(300)
  expect(python).toMatchObject({ side: 'python', holds: 50 })
  expect(python).not.toHaveProperty('crossed')
  expect(python).not.toHaveProperty('capacity')
})

test('where no rate holds there is no capacity', () => {
  const [ladder, ...others] = laddersOf(measured([round('postgres', 1, 100, 500)]), objectives)
  expect(ladder).toMatchObject({ side: 'postgres', crossed: 100 })
  expect(ladder).not.toHaveProperty('holds')
  expect(others).toEqual([])
})

test('a comparison has no ladder', () => {
  expect(laddersOf(measured([sampleBlock('postgres', 1, [1, 2])]), objectives)).toEqual([])
})

// Which term ends a side, and whether the client was in time, is told by the worst of them.
test('of several terms the one that is used most counts, of several rounds the latest client', () => {
  const both = parseObjective('p90<10ms,p50<30ms,mean<1000ms')
  const late = (block: MeasuredBlock, ms: number) => ({ ...block, late: latenciesOf(Array(100).fill(ms)) })
  const blocks = [3, 7, 5].map((ms, at) => late(round('postgres', at + 1, 100, 50), ms))
  const [ladder] = laddersOf(measured(blocks), new Map([['postgres', both]]))
  expect(ladder?.rungs).toHaveLength(1)
  // 5 of 100 are above 10 ms, where 10 may be; none is above 30 ms.
  expect(ladder?.rungs[0]?.used).toBeCloseTo(0.5, 9)
  expect(ladder?.rungs[0]?.lateP99Ms).toBeCloseTo(7, 1)
})

test('of sides without an objective nothing is told, though they were asked at rates, too', () => {
  const blocks = [round('postgres', 1, 100, 20), round('postgres-null', 1, 100, 20)]
  expect(laddersOf(measured(blocks), objectives).map(({ side }) => side)).toEqual(['postgres'])
})

// A quarter of the limit is the most, as in a search: what crossed it then was the client's own lateness.
test.each([
  [2.4, 'capacity', 'clientLimit'],
  [2.6, 'clientLimit', 'capacity'],
])('where the client sent %s ms late at the rate that is crossed there is a %s', (ms, known, absent) => {
  const late = (block: MeasuredBlock) => ({ ...block, late: latenciesOf(Array(1000).fill(ms)) })
  const blocks = [1, 2].flatMap((session) => [
    round('postgres', 1, 100, 20, session),
    round('postgres', 2, 200, 50, session),
    late(round('postgres', 3, 300, 180, session)),
  ])
  const [ladder] = laddersOf(measured(blocks), objectives)
  expect(ladder).toMatchObject({ holds: 200, crossed: 300 })
  expect(ladder).toHaveProperty(known)
  expect(ladder).not.toHaveProperty(absent)
})
