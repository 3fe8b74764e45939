import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { build } from './build.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'to be built '))
  await writeFile(path.join(folder, 'keys.csv'), 'id\n1\n')
  await writeFile(
    path.join(folder, 'workload.ts'),
    `export default { name: 'w', keys: './keys.csv', answer: 'number', compare: 'equal', thresholds: './bounds.json',
      sides: [{ protocol: 'http', name: 'a', address: 'A_URL', path: '/x' }] }`,
  )
})
afterAll(() => rm(folder, { recursive: true }))

test.each([
  ['{"nobody":{}}', /bounds\.json does not fit:\n {2}- nobody/],
  ['{"a":{"minTps":"5"}}', /bounds\.json does not fit:\n {2}- a\.minTps = "5"/],
  ['{', /bounds\.json is not JSON/],
])('thresholds that k6 could not read are refused before anything is built: %s', async (text, told) => {
  await writeFile(path.join(folder, 'bounds.json'), text)
  await expect(build(path.join(folder, 'workload.ts'), AbortSignal.timeout(60_000))).rejects.toThrow(told)
})
