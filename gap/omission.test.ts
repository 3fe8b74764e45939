import { expect, test } from 'vitest'
import { hiddenStalls } from './omission.ts'
import { latenciesOf, sampleMeasurement } from './sample.ts'

const repeat = (count: number, ms: number) => Array.from({ length: count }, () => ms)

function openMeasurement(all: number[], alone: number[]) {
  const measurement = sampleMeasurement([1])
  measurement.settings.rate = 100
  for (const block of measurement.blocks)
    if (block.key === 'python') {
      block.ok = latenciesOf(all)
      block.alone = latenciesOf(alone)
    }
  return measurement
}

test('a stall that thirty waited for and one would have met', () => {
  const [stall, ...more] = hiddenStalls(
    openMeasurement([...repeat(470, 2), ...repeat(30, 200)], [...repeat(470, 2), 200]),
  )
  expect(more).toEqual([])
  expect(stall?.key).toBe('python')
  expect(stall?.p99Ms).toBeCloseTo(200, 0)
  expect(stall?.closedP99Ms).toBeCloseTo(2, 1)
})

test('no stall, nothing hidden', () => {
  expect(hiddenStalls(openMeasurement(repeat(500, 2), repeat(480, 2)))).toEqual([])
})

test('the closed model cannot tell', () => {
  expect(hiddenStalls(sampleMeasurement())).toEqual([])
})
