import { expect, test } from 'vitest'
import {
  growthOf,
  judgeTraining,
  peakOf,
  ratiosOf,
  type SizeCost,
  type TrainingBound,
  type WayCost,
} from './training.ts'

const cost = (way: string, markBytes: number, seconds: number, sampledBytes?: number): WayCost => ({
  way,
  markBytes,
  seconds,
  metrics: { r2: 0.5 },
  ...(sampledBytes !== undefined && { sampledBytes }),
})
const size = (rows: number, ...ways: WayCost[]): SizeCost => ({
  rows,
  trainRows: rows * 0.75,
  testRows: rows * 0.25,
  ways,
})
const small = size(1000, cost('database', 100, 1), cost('plain', 300, 2), cost('lean', 150, 0.5))
const large = size(3000, cost('database', 200, 2), cost('plain', 1300, 6), cost('lean', 150, 3.5))

test('the peak is the greater of what was seen and of the mark; what is not known does not count', () => {
  expect(peakOf(cost('a', 100, 1, 130))).toBe(130)
  expect(peakOf(cost('a', 100, 1, 70))).toBe(100)
  expect(peakOf({ way: 'a', seconds: 1, metrics: {}, sampledBytes: 70 })).toBe(70)
  expect(peakOf({ way: 'a', seconds: 1, metrics: {} })).toBeNaN()
})

test('each way is compared with the first one', () => {
  expect(ratiosOf(small)).toEqual([
    { rows: 1000, way: 'plain', memory: 3, seconds: 2 },
    { rows: 1000, way: 'lean', memory: 1.5, seconds: 0.5 },
  ])
  expect(ratiosOf({ ...small, ways: [] })).toEqual([])
})

test('growth is between neighbours by size, in whatever order they were measured', () => {
  expect(growthOf([large, small])).toEqual([
    { way: 'database', from: 1000, to: 3000, bytesPerRow: 0.05, timePerRow: 500 },
    { way: 'plain', from: 1000, to: 3000, bytesPerRow: 0.5, timePerRow: 2000 },
    { way: 'lean', from: 1000, to: 3000, bytesPerRow: 0, timePerRow: 1500 },
  ])
  expect(growthOf([small])).toEqual([])
  expect(growthOf([size(1000, cost('new', 1, 1)), large])).toEqual([])
})

const sides = ['database', 'service']
const bounds: Record<string, TrainingBound> = {
  plain: 'minTrainingMemoryRatio',
  lean: 'minLeanTrainingMemoryRatio',
}
const judged = (gap: object, of = sides) =>
  judgeTraining([small, large], { gap }, of, bounds).map(({ threshold, rows, measured, bound, outcome }) => [
    threshold,
    rows,
    measured,
    bound,
    outcome,
  ])

test('a bound holds at every size, each way by its own', () => {
  expect(judged({ minTrainingMemoryRatio: 3 })).toEqual([
    ['gap.minTrainingMemoryRatio', 1000, 3, 3, 'pass'],
    ['gap.minTrainingMemoryRatio', 3000, 6.5, 3, 'pass'],
  ])
  expect(judged({ minLeanTrainingMemoryRatio: 1 })).toEqual([
    ['gap.minLeanTrainingMemoryRatio', 1000, 1.5, 1, 'pass'],
    ['gap.minLeanTrainingMemoryRatio', 3000, 0.75, 1, 'fail'],
  ])
})

test('a pair has its own path; what nobody bounds, or no bound of another pair, is not judged', () => {
  expect(judged({ 'database/service': { minTrainingMemoryRatio: 4 } })[0]).toEqual([
    'gap.database/service.minTrainingMemoryRatio',
    1000,
    3,
    4,
    'fail',
  ])
  expect(judged({ minTpsRatio: 3 })).toEqual([])
  expect(judgeTraining([small], {}, sides, bounds)).toEqual([])
  expect(judgeTraining([small], { gap: { minTrainingMemoryRatio: 3 } }, sides, {})).toEqual([])
})

test('memory that nobody could measure holds no bound', () => {
  const unknown = size(10, cost('database', 1, 1), { way: 'plain', seconds: 1, metrics: {} })
  expect(judgeTraining([unknown], { gap: { minTrainingMemoryRatio: 0.1 } }, sides, bounds)[0]?.outcome).toBe(
    'fail',
  )
})
