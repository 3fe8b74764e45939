import { expect, test } from 'vitest'
import { premisesOf } from './premises.ts'
import { sampleBlock, sampleMeasurement } from './sample.ts'

const broken = (measurement: ReturnType<typeof sampleMeasurement>) =>
  premisesOf(measurement).flatMap(({ name, holds }) => (holds ? [] : [name]))

test('a sound run breaks none', () => {
  expect(broken(sampleMeasurement())).toEqual([])
})

test('a connection for every request breaks keep-alive', () => {
  const measurement = sampleMeasurement()
  measurement.premises.pythonConnections = 1000
  expect(broken(measurement)).toEqual(['keep-alive'])
})

test('a statement that is not prepared breaks a premise of the prepared mode only', () => {
  const measurement = sampleMeasurement()
  measurement.premises.unpreparedClients = 1
  expect(broken(measurement)).toEqual(['prepared'])
  measurement.settings.queryMode = 'extended'
  expect(broken(measurement)).toEqual([])
})

test('a block without an answer', () => {
  const measurement = sampleMeasurement()
  measurement.blocks[2] = sampleBlock('postgres', 1, [])
  expect(broken(measurement)).toEqual(['answers'])
})

test('a side that predicts something else', () => {
  const measurement = sampleMeasurement()
  measurement.premises.different = 1
  expect(broken(measurement)).toEqual(['same keys, same model'])
  measurement.premises = { ...measurement.premises, different: 0, compared: 0 }
  expect(broken(measurement)).toEqual(['same keys, same model'])
})

test.each([
  [1.02, []],
  [0.98, []],
  [1.04, ["Little's law"]],
  [0.96, ["Little's law"]],
  [null, ["Little's law"]],
])("clients by Little's law: %s instead of 1", (concurrency, expected) => {
  const measurement = sampleMeasurement()
  for (const block of measurement.blocks) block.concurrency = concurrency
  expect(broken(measurement)).toEqual(expected)
})

test('one side alone that breaks it is enough', () => {
  const measurement = sampleMeasurement()
  for (const block of measurement.blocks) if (block.key === 'python') block.concurrency = 1.1
  expect(broken(measurement)).toEqual(["Little's law"])
})

test.each([
  [0.3, []],
  [0.4, ['client not saturated']],
])('a null operation of %f ms beside a target of 1 ms', (ms, expected) => {
  const measurement = sampleMeasurement()
  const count = Math.round(1000 / ms)
  for (const pair of [1, 2, 3, 4])
    measurement.blocks.push({
      ...sampleBlock(
        'postgres',
        pair,
        Array.from({ length: count }, () => ms),
      ),
      key: 'postgres-null',
      phase: 'beside',
    })
  expect(broken(measurement)).toEqual(expected)
})

test('two pairs just below the bound say nothing for sure of the client', () => {
  const measurement = sampleMeasurement()
  for (const [pair, ms] of [
    [1, 0.37],
    [2, 0.355],
  ] as const)
    measurement.blocks.push({
      ...sampleBlock(
        'postgres',
        pair,
        Array.from({ length: Math.round(1000 / ms) }, () => ms),
      ),
      key: 'postgres-null',
      phase: 'beside',
    })
  const client = premisesOf(measurement).find(({ name }) => name === 'client not saturated')
  expect(client).toMatchObject({
    holds: true,
    seen: expect.stringContaining('2.8 times as often as postgres'),
  })
})

test('in the open model clients come and go', () => {
  const measurement = sampleMeasurement()
  measurement.settings.rate = 100
  for (const block of measurement.blocks) block.concurrency = null
  expect(broken(measurement)).toEqual([])
})
