import { expect, test } from 'vitest'
import { latenciesOf, sampleMeasurement, samplePart } from './fixture.ts'
import type { Measurement } from './measurement.ts'
import { premisesOf } from './premises.ts'

const premise = (measurement: Measurement, name: string) =>
  premisesOf(measurement).find((each) => each.name === name)

test('what failed in another session explains no loss of a connection', () => {
  const measurement = sampleMeasurement()
  const [block] = measurement.blocks.filter(({ key }) => key === 'python')
  if (block) block.failed = latenciesOf([1, 1])
  const lost = { key: 'python', clients: 1, session: 2, opened: 5, replaced: 2 }
  measurement.connections?.push(lost)
  expect(premise(measurement, 'keep-alive')?.holds).toBe(false)
  lost.session = 1
  expect(premise(measurement, 'keep-alive')?.holds).toBe(true)
})

test('of answers that are too slow it names a block with room for ten, and what several k6 go by', () => {
  const next = (ms: number, change: Partial<Measurement> = {}) => {
    const measurement = { ...sampleMeasurement(), ...change }
    for (const each of measurement.blocks) each.concurrency = null
    for (const each of measurement.blocks) if (each.key === 'python') each.ok = latenciesOf([ms])
    return premise(measurement, "Little's law")?.next
  }
  expect(next(3000)).toContain('--block 30,')
  expect(next(5000)).toContain('--block 50,')
  expect(next(5000, { parts: [samplePart(1, 1)] })).toBe(
    'Longer turns, as TURN_SECONDS=25 with BLOCK_SECONDS=50; or fewer CLIENTS',
  )
})
