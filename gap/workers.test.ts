import { expect, test } from 'vitest'
import { sampleMeasurement } from './sample.ts'
import { unevenBlocks, unevenness, workersRows } from './workers.ts'

const withWorkers = (...workers: Record<string, number>[]) => {
  const measurement = sampleMeasurement()
  const python = measurement.blocks.filter(({ key }) => key === 'python')
  for (const [index, block] of python.entries()) {
    block.clients = 4
    block.workers = workers[index] ?? { a: 100, b: 100 }
  }
  return measurement
}

test('even answers are not marked, nor a target that names no worker', () => {
  expect(unevenBlocks(withWorkers())).toEqual([])
})

test('a block in which one worker did it all is marked', () => {
  const uneven = unevenBlocks(withWorkers({}, { a: 200 }, { a: 110, b: 90 }, { a: 150, b: 50 }))
  expect(uneven.map(({ pair }) => pair)).toEqual([2, 4])
})

test('one client has one worker, which is even', () => {
  const measurement = withWorkers({ a: 100 })
  for (const block of measurement.blocks) block.clients = 1
  expect(unevenness(measurement.blocks[1] as never, 2)).toBe(1)
})

test('workers of one session are not missed in another', () => {
  const measurement = withWorkers(
    { a: 100, b: 100 },
    { a: 100, b: 100 },
    { c: 100, d: 100 },
    { c: 100, d: 100 },
  )
  for (const block of measurement.blocks) if (block.pair > 2) block.session = 2
  expect(unevenBlocks(measurement)).toEqual([])
})

test('settings are compared with the first one round by round', () => {
  const round = (name: string, round: number, tps: number, workers: Record<string, number>) => ({
    ...{ name, round, clients: 4, tps, p99Ms: 10, workers, processes: 2 },
  })
  const [first, second] = workersRows(
    [
      round('a', 0, 100, { x: 50, y: 50 }),
      round('b', 0, 200, { x: 100, y: 0 }),
      round('a', 1, 50, { x: 50, y: 50 }),
      round('b', 1, 100, { x: 100 }),
    ],
    1,
  )
  expect(first).toMatchObject({ name: 'a', tps: 75, unevenness: 1 })
  expect(first?.ratio).toBeUndefined()
  expect(second?.ratio?.median).toBeCloseTo(2)
  expect(second?.unevenness).toBe(2)
})
