import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BadInput } from '../build/failure.ts'
import { type Given, parseObjective } from '../gap/capacity/objective.ts'
import { sampleMeasurement } from '../gap/fixture.ts'
import type { Measurement } from '../gap/measurement.ts'
import { merge } from './merge.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'merge '))
})
afterAll(() => rm(folder, { recursive: true }))

function part(change: (measurement: Measurement) => void = () => {}): Measurement {
  const measurement = sampleMeasurement()
  measurement.parts = [
    {
      ...{ part: 1, of: 1, session: 1, startAt: '2026-01-02T03:04:05.000Z', turnMs: 500, turns: 4, late: 0 },
      skew: { key: 'postgres', aheadMs: 1, withinMs: 1 },
      machine: { host: 'runner', cores: 2 },
      made: { program: 'p', workload: 'w', keys: 'k' },
    },
  ]
  change(measurement)
  return measurement
}

async function merged(text: string): Promise<number> {
  const file = path.join(folder, 'part.json')
  await writeFile(file, text)
  return merge([file], { command: 'npx inference-gap merge' })
}

test('parts of another workload are refused, for nobody said what to expect of it', async () => {
  const other = part((measurement) => {
    measurement.workload.name = 'churn'
  })
  await expect(merged(JSON.stringify(other))).rejects.toThrow(
    'The parts are of the workload churn (postgres, python), not of flights (postgres, python)',
  )
})

test('a run by one k6 alone is no part', async () => {
  await expect(merged(JSON.stringify(sampleMeasurement()))).rejects.toThrow('is no part of a comparison')
})

test('an objective is for parts that were asked at rates of their own', async () => {
  const file = path.join(folder, 'part.json')
  await writeFile(file, JSON.stringify(part()))
  const objective = parseObjective('p99<10ms')
  const merging = (...given: Given[]) => merge([file], { command: '', objective: given })
  await expect(merging({ objective })).rejects.toThrow('the parts were not asked at rates of their own')
  await expect(merge([file], { command: '', objective: [{ objective }], thresholds: file })).rejects.toThrow(
    '--objective has tables of its own',
  )
  await expect(merging({ side: 'cache', objective })).rejects.toThrow('the workload has no such side')
})

test.each([
  ['{', 'part.json cannot be read'],
  ['{}', 'part.json has another form'],
])('%s is refused by its file', async (text, message) => {
  const refusal = await merged(text).catch((error: unknown) => error)
  // Another file was named, which no measuring anew mends.
  expect(refusal).toBeInstanceOf(BadInput)
  expect((refusal as BadInput).text).toContain(message)
  expect((refusal as BadInput).text).toContain('Give what each k6 left at SUMMARY_FILE')
})

test('a file that is not there is named', async () => {
  await expect(merge([path.join(folder, 'none.json')], { command: '' })).rejects.toThrow(
    'none.json cannot be read',
  )
})
