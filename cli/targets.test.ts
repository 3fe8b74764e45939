import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { readKeyFile } from '../datasets/keys.ts'
import { mostKeys } from '../workload/draw.ts'
import { readTargets } from './targets.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'targets '))
})
afterAll(() => rm(folder, { recursive: true }))
afterEach(() => vi.unstubAllEnvs())

test('of more keys than are held the seed of any command says which are asked for', async () => {
  const [workload, keys] = [path.join(folder, 'workload.ts'), path.join(folder, 'keys.jsonl')]
  const side = `{ protocol: 'http', name: 'a', address: 'A_URL', path: (key) => '/' + key }`
  await writeFile(
    workload,
    `export default { name: 'w', keys: './keys.jsonl', answer: 'number', compare: 'equal', draw: 'even', sides: [${side}] }`,
  )
  await writeFile(keys, Array.from({ length: 2 * mostKeys }, (_, key) => key).join('\n'))
  vi.stubEnv('A_URL', 'http://127.0.0.1:1/')
  const drawn = async (seed: number) => (await readKeyFile(keys, undefined, 'even', seed)).keys
  expect((await readTargets({ workload, seed: 7 })).keys?.keys).toEqual(await drawn(7))
  expect((await readTargets({ workload })).keys?.keys).not.toEqual(await drawn(7))
})
