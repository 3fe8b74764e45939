import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { secret } from './secret.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'a secret '))
})
afterEach(() => rm(folder, { recursive: true }))

test('a password is made once, and its owner alone reads it', async () => {
  const file = path.join(folder, 'below', 'password')
  const made = await secret(file)
  expect(made).toMatch(/^[0-9a-f]{36}$/)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await secret(file)).toBe(made)
})

test('one that a full disk left empty is none, and is made anew', async () => {
  const file = path.join(folder, 'password')
  await writeFile(file, '')
  const made = await secret(file)
  expect(made).toHaveLength(36)
  expect(await readFile(file, 'utf8')).toBe(made)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})
