import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fingerprintOf } from './fingerprint.ts'
import { inCache } from './paths.ts'
import { doStep, type Step } from './step.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'a step '))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
  await rm(inCache('steps', 'a-test.json'), { force: true })
})

function step(input: string, work?: () => Promise<void>): Step {
  const output = path.join(folder, 'output')
  return {
    title: 'a test',
    name: 'a-test',
    inputs: async () => ({ input }),
    outputs: [output],
    work: work ?? (() => writeFile(output, input)),
  }
}
const context = { progress: () => {} }

test('done once, again for other inputs, again without its output', async () => {
  expect(await doStep(step('one'), context)).toBe(true)
  expect(await doStep(step('one'), context)).toBe(false)
  expect(await doStep(step('two'), context)).toBe(true)
  await rm(path.join(folder, 'output'))
  expect(await doStep(step('two'), context)).toBe(true)
})

test('a step that failed is done again', async () => {
  await doStep(step('one'), context)
  const fails = step('two', () => Promise.reject(new Error('no')))
  await expect(doStep(fails, context)).rejects.toThrow('no')
  expect(await doStep(step('one'), context)).toBe(true)
})

test('a fingerprint follows names and contents, not dates', async () => {
  const file = path.join(folder, 'a')
  await writeFile(file, 'x')
  const first = await fingerprintOf(folder, folder)
  await writeFile(file, 'x')
  expect(await fingerprintOf(folder, folder)).toBe(first)
  await writeFile(file, 'y')
  expect(await fingerprintOf(folder, folder)).not.toBe(first)
})
