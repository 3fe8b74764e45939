import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { declarationFiles, declarations } from './declarations.ts'
import { root } from './paths.ts'

test.each(declarationFiles)('schema/%s is what the compiler makes of workload/workload.ts', async (name) => {
  const file = path.join(root, 'schema', name)
  expect(await readFile(file, 'utf8'), 'npm run schema').toBe(await declarations())
}, 60_000)
