import { expect, test } from 'vitest'
import { sampleMeasurement } from './fixture.ts'
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

test.each([
  ['exactly a quarter more than its share', { a: 125, b: 75 }, false],
  ['a little more than that', { a: 126, b: 74 }, true],
])('%s', (_, workers, isMarked) => {
  expect(unevenBlocks(withWorkers(workers)).length > 0).toBe(isMarked)
})

test.each([
  [{ a: 30, b: 10 }, 2, 8, 1.5],
  // Three workers that are known, though one of them gave nothing.
  [{ a: 30, b: 10 }, 3, 8, 2.25],
  // Two clients cannot keep three workers busy.
  [{ a: 30, b: 10 }, 3, 2, 1.5],
  [{}, 2, 8, 1],
])('of %j by %i workers for %i clients the busiest has %f times its share', (workers, known, clients, times) => {
  expect(unevenness({ workers, clients }, known)).toBe(times)
})

test('workers that one side has are not missed on another', () => {
  const measurement = withWorkers()
  for (const block of measurement.blocks) if (block.key !== 'python') block.workers = { c: 100 }
  expect(unevenBlocks(measurement)).toEqual([])
})

test('rows are of their own blocks, and a side without blocks or setting has none', () => {
  const measurement = sampleMeasurement()
  for (const block of measurement.blocks)
    block.workers = block.key === 'python' ? { a: 50 } : { a: 75, b: 25 }
  const more = measurement.blocks.map((block) => ({ ...block, clients: 4, workers: { a: 60, b: 40 } }))
  measurement.blocks.push(...more)
  measurement.settings.clients = [1, 4, 9]
  measurement.settings.sides = ['postgres', 'python', 'nobody']
  const settings = ['two', 'one'].map((name, index) => ({ name, processes: 2 - index }))
  const rows = workersRows(measurement, settings)
  expect(rows.map(({ name, clients, unevenness }) => [name, clients, unevenness])).toEqual([
    ['two', 1, 0.75],
    ['one', 1, 1],
    ['two', 4, 1.2],
    ['one', 4, 0.6],
  ])
  expect(rows[0]?.p99Ms).toBeCloseTo(1, 2)
  // Pairs of one client alone: no ratio is said of four.
  expect(rows.map(({ ratio }) => ratio?.pairs)).toEqual([4, undefined, undefined, undefined])
  expect(rows[2]).not.toHaveProperty('ratio')
})
