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
