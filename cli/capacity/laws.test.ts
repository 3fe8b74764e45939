import { expect, test } from 'vitest'
import { sampleMeasurement } from '../../gap/fixture.ts'
import type { Measurement } from '../../gap/measurement.ts'
import { lawsOf } from './laws.ts'

const sides = ['postgres', 'python']
const numbers = [1, 5, 20, 100]

/** Each client serves itself: twice as many have twice the throughput. */
function measured(): Measurement {
  const measurement = sampleMeasurement()
  measurement.settings.clients = numbers
  measurement.blocks = numbers.flatMap((clients) =>
    measurement.blocks.map((block) => ({
      ...structuredClone(block),
      ...{ clients, concurrency: clients, tps: block.tps * clients },
    })),
  )
  return measurement
}

const lawsBy = (measurement: Measurement, permitted = {}) =>
  lawsOf(measurement, sides, { seed: 1, permitted }).map(({ side, law }) => [
    side,
    'impossible' in law ? law.impossible : Math.round(law.gamma.value),
  ])

test('each side has the law of what it served', () => {
  expect(lawsBy(measured())).toEqual([
    ['postgres', 1000],
    ['python', 200],
  ])
})

test('where a premise of the closed model is broken no side has one, and why stands in its place', () => {
  const measurement = measured()
  measurement.premises.unpreparedClients = 3
  const why = expect.stringMatching(
    /^A premise of the closed model is broken: prepared: 3 connections without the prepared statement; most likely cause: /,
  )
  expect(lawsBy(measurement)).toEqual(sides.map((side) => [side, why]))
})

test('failures that the objective permits break no premise of it', () => {
  const measurement = measured()
  for (const block of measurement.blocks) if (block.key === 'python') block.failed = block.ok
  expect(lawsBy(measurement)[0]?.[1]).toContain('answers: ')
  expect(lawsBy(measurement, { python: { maxFailureRate: 0.6 } })[0]?.[1]).toBe(1000)
})
