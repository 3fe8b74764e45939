import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { declarations } from './declarations.ts'
import { root } from './paths.ts'

test('schema/workload.d.ts is what the compiler makes of workload/workload.ts', async () => {
  const file = path.join(root, 'schema', 'workload.d.ts')
  expect(await readFile(file, 'utf8'), 'npm run schema').toBe(await declarations())
}, 60_000)
