import { expect, test } from 'vitest'
import { type AtDistance, distancePremise, distanceRows, slopes } from './distance.ts'
import { latenciesOf, sampleMeasurement } from './fixture.ts'

/** Two sessions, in which an answer takes some round trips more beside what it takes anyway. */
function at(roundTripMs: number, trips: Record<string, [number, number]>): AtDistance {
  const measurement = sampleMeasurement([2, 2])
  measurement.settings.sessions = 2
  for (const [index, block] of measurement.blocks.entries()) {
    block.session = index < 2 ? 1 : 2
    const [own = 0, other = 0] = trips[block.key] ?? []
    const ms = (block.key === 'python' ? 5 : 1) + (block.session === 1 ? own : other) * roundTripMs
    block.ok = latenciesOf(Array.from({ length: 100 }, () => ms))
  }
  return { roundTripMs, addedMs: [roundTripMs - 0.001, roundTripMs + 0.001], measurement }
}

const trips: Record<string, [number, number]> = { postgres: [1, 1], python: [1.8, 2.2] }
const all = [0, 0.5, 1].map((ms) => at(ms, trips))

test('a line through the latencies tells of how many round trips an answer is', () => {
  const [postgres, python, ...more] = slopes(all)
  expect(more).toEqual([])
  expect(postgres).toMatchObject({ side: 'postgres', clients: 1 })
  // Histograms are within a thousandth.
  expect(postgres?.roundTrips).toBeCloseTo(1, 2)
  expect(python?.roundTrips).toBeCloseTo(2, 2)
  // Student's t of one degree of freedom is 12.7; the sessions are 0.4 apart.
  const half = (12.706 * (0.4 / Math.SQRT2)) / Math.SQRT2
  expect(python?.interval?.[0]).toBeCloseTo(2 - half, 1)
  expect(python?.interval?.[1]).toBeCloseTo(2 + half, 1)
})

test('one distance has no slope', () => {
  expect(slopes([at(1, trips)])).toEqual([])
  expect(slopes([])).toEqual([])
})

test('a row for each distance and side, with what was really added', () => {
  const rows = distanceRows(all)
  expect(rows.map(({ roundTripMs, side }) => [roundTripMs, side])).toEqual([
    [0, 'postgres'],
    [0, 'python'],
    [0.5, 'postgres'],
    [0.5, 'python'],
    [1, 'postgres'],
    [1, 'python'],
  ])
  expect(rows[2]?.addedMs).toBeCloseTo(0.5, 9)
  expect(rows[2]?.p50Ms).toBeCloseTo(1.5, 2)
  expect(rows[0]?.gap?.tps.median).toBeCloseTo(2, 9)
  expect(rows[1]?.gap).toBeUndefined()
})

test.each([
  [1, [1.05, 0.95], true],
  [1, [1.051], false],
  // Of what is short, 20 µs are allowed.
  [0.05, [0.07, 0.03], true],
  [0.05, [0.071], false],
  [0, [0], true],
])('of %s ms, %s were found', (roundTripMs, addedMs, holds) => {
  expect(distancePremise([{ roundTripMs, addedMs }]).holds).toBe(holds)
})

test.each([
  ['none', []],
  ['none that was answered', [1, Number.NaN]],
])('where there is %s of the null operations a distance is not proven', (_, addedMs) => {
  const premise = distancePremise([
    { roundTripMs: 0.1, addedMs: [0.1] },
    { roundTripMs: 1, addedMs },
  ])
  expect(premise).toMatchObject({
    holds: false,
    seen: 'no null operation was answered where 1 ms were to be added',
  })
})

test('the farthest off is told', () => {
  const premise = distancePremise([
    { roundTripMs: 1, addedMs: [1.01] },
    { roundTripMs: 0.1, addedMs: [0.15, 0.1] },
  ])
  expect(premise.seen).toContain('found 0.15 ms where 0.1 ms were to be added')
})
