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

// Otherwise k6 would ask another question than the one whose answers were compared.
test('k6 is given each variable that the workload looks at or for, the empty ones, too, and no other', async () => {
  const workload = path.join(folder, 'looking.ts')
  const side = `{ protocol: 'http', name: 'a', address: 'A_URL', path: '/' + (variables.MODEL ?? 'usual') }`
  await writeFile(
    workload,
    `export default (variables) => ({ name: 'EXTRA' in variables || Object.hasOwn(variables, 'MORE') ? 'x' : 'w',
       keys: './few.jsonl', sides: [${side}] })`,
  )
  await writeFile(path.join(folder, 'few.jsonl'), '1\n2\n')
  const variables = { A_URL: 'http://127.0.0.1:1/', MODEL: '', EXTRA: '', MORE: 'm', K6_LINGER: 'true' }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  expect((await readTargets({ workload })).variables).toEqual({ MODEL: '', EXTRA: '' })
  vi.stubEnv('EXTRA', undefined)
  const read = await readTargets({ workload })
  expect([read.workload.name, read.variables]).toEqual(['x', { MODEL: '', MORE: 'm' }])
})

test('a workload that lists all variables is refused', async () => {
  const workload = path.join(folder, 'listing.ts')
  await writeFile(workload, `export default (variables) => ({ ...variables })`)
  await expect(readTargets({ workload })).rejects.toThrow('expected each to be read by its name')
})
