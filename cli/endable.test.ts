/** Whatever code of the user's does not come to an end, a signal ends the command. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../build/paths.ts'
import { endable, onEndingSignal } from '../build/signals.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'without end '))
  await writeFile(path.join(folder, 'keys.csv'), 'id\n1\n')
})
afterAll(() => rm(folder, { recursive: true }))

const loop = "console.log('it begins'); for (;;) {}"
const workload = (path = "'/x'") =>
  `{ name: 'w', keys: './keys.csv', answer: 'number', compare: 'equal', sides: [{ protocol: 'http', name: 'a', address: 'A_URL', path: ${path} }] }`

test.each([
  ['the file itself', `${loop} export default ${workload()}`, [null, 'SIGTERM']],
  ['its function', `export default () => { ${loop} }`, [null, 'SIGTERM']],
  ['a question', `export default ${workload(`() => { ${loop} }`)}`, [null, 'SIGTERM']],
  // Who waits can hear, and ends in order.
  [
    'a file that waits',
    `console.log('it begins'); await new Promise(() => {}); export default ${workload()}`,
    [143, null],
  ],
])('%s', async (_, text, expected) => {
  const file = path.join(folder, 'workload.ts')
  await writeFile(file, text)
  const child = spawn(
    process.execPath,
    [path.join(root, 'cli', 'inference-gap.mjs'), 'check', '--workload', file],
    {
      env: { ...process.env, A_URL: 'http://127.0.0.1:1/', INFERENCE_GAP_CACHE: path.join(folder, 'cache') },
    },
  )
  try {
    await once(child.stdout, 'data')
    // It has printed, and goes on to what does not end.
    await new Promise((resolve) => setTimeout(resolve, 200))
    child.kill('SIGTERM')
    expect(await once(child, 'close', { signal: AbortSignal.timeout(30_000) })).toEqual(expected)
  } finally {
    child.kill('SIGKILL')
  }
})

test('whoever no longer listens is not told again when the code of the user has ended', async () => {
  const listeners = () => ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name))
  const before = listeners()
  const stop = onEndingSignal(() => {})
  expect(listeners()).toEqual(before.map((count) => count + 1))
  endable(() => {
    expect(listeners()).toEqual(before)
    // Within another one, as where a module has just been evaluated.
    endable(() => {})
  })
  expect(listeners()).toEqual(before.map((count) => count + 1))
  endable(stop)
  expect(listeners()).toEqual(before)
})
