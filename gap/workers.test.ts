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

test('each setting is compared with the last one', () => {
  const measurement = sampleMeasurement()
  for (const block of measurement.blocks) block.workers = { a: 75, b: 25 }
  const [first, last, ...more] = workersRows(measurement, [
    { name: 'two', processes: 2 },
    { name: 'one', processes: 1 },
  ])
  expect(more).toEqual([])
  expect(first).toMatchObject({ name: 'two', clients: 1, tps: 1000 })
  expect(first?.ratio?.median).toBeCloseTo(5)
  expect(last).toMatchObject({ name: 'one', tps: 200 })
  expect(last?.ratio).toBeUndefined()
})
