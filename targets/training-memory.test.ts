/** Memory of processes that take a known amount of it and say so. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { canMeasureServing } from './serving-memory.ts'
import { withPeakMemory, withSampledMemory } from './training-memory.ts'

const megabyte = 1e6
let child: ChildProcess | undefined
afterEach(() => void child?.kill('SIGKILL'))

/** A process that holds so many bytes, and starts others that do; none outlives who started it. Resolves when all do. */
async function holding(bytes: number, others = 0): Promise<number> {
  const hold = `const held = Buffer.alloc(${bytes}, 1); setInterval(() => held[0]++, 1000)
    process.stdin.resume().on('end', () => process.exit())`
  const program = `
    const { spawn } = require('node:child_process')
    ${hold}
    let left = ${others}
    if (left === 0) console.log('held')
    for (let i = 0; i < ${others}; i++)
      spawn(process.execPath, ['-e', ${JSON.stringify(`${hold}; console.log('held')`)}], { stdio: ['pipe', 'pipe', 'inherit'] })
        .stdout.on('data', () => --left === 0 && console.log('held'))`
  child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  return child.pid as number
}

test('a peak is at least what was held, and not more than the process can have', async () => {
  const pid = await holding(200 * megabyte)
  const { result, peak } = await withPeakMemory(pid, async () => 'done')
  expect(result).toBe('done')
  expect(peak.bytes).toBeGreaterThan(200 * megabyte)
  expect(peak.bytes).toBeLessThan(600 * megabyte)
})

test.runIf(canMeasureServing)('all processes count, and what they share only once', async () => {
  const pid = await holding(100 * megabyte, 2)
  const { result, bytes = 0 } = await withSampledMemory(async (watch) => {
    watch(pid)
    return 'done'
  })
  expect(result).toBe('done')
  expect(bytes).toBeGreaterThan(300 * megabyte)
  expect(bytes).toBeLessThan(700 * megabyte)
})

test('where nothing was watched nothing is told, and a failure is the work’s own', async () => {
  expect((await withSampledMemory(async () => 1)).bytes).toBeUndefined()
  await expect(
    withSampledMemory(async (watch) => {
      watch(process.pid)
      throw new Error('mine')
    }),
  ).rejects.toThrow('mine')
})
