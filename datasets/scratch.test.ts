/** Where DuckDB puts aside what it does not hold. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BadInput } from '../build/failure.ts'
import { withDuckDb } from './duckdb.ts'
import { readKeyFile } from './keys.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'put aside '))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

test('a folder that is not there is told by its variable, and never as a fault of the file that is read', async () => {
  const keys = path.join(folder, 'k.parquet')
  await withDuckDb((db) => db.run(`COPY (SELECT 1 AS id) TO '${keys}' (FORMAT parquet)`))
  vi.stubEnv('TMPDIR', path.join(folder, 'none'))
  const refusal = await readKeyFile(keys, undefined, 'even', 1).catch((thrown: unknown) => thrown)
  expect(refusal).toBeInstanceOf(BadInput)
  expect((refusal as BadInput).text).toMatch(/none cannot be written to, .*: no such file.*\n.*TMPDIR/)
})

// A signal ends the process while rows are sorted, which may have put aside many GB.
test('nothing of it stays when the process ends in the midst of its work', async () => {
  const file = new URL('./duckdb.ts', import.meta.url).href
  const code = `import { readdirSync } from 'node:fs'
    import { withDuckDb } from '${file}'
    await withDuckDb(async (db) => {
      await db.run('CREATE TABLE rows AS SELECT 1 AS id')
      console.log(readdirSync(process.env.TMPDIR).filter((name) => name.startsWith('inference-gap-rows-')).length)
      process.exit(0)
    })`
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    env: { TMPDIR: folder },
  })
  expect(stdout).toBe('1')
  expect((await readdir(folder)).filter((name) => name.startsWith('inference-gap-rows-'))).toEqual([])
})
