import { existsSync, mkdtempSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { acquire, locked } from '../build/lock.ts'

const cache = vi.hoisted(() => ({ path: '' }))
vi.mock('../build/paths.ts', async (original) => {
  cache.path ||= mkdtempSync(path.join(tmpdir(), 'a table '))
  return {
    ...(await original<object>()),
    inCache: (...parts: string[]) => path.join(cache.path, ...parts),
  }
})
afterAll(() => rm(cache.path, { recursive: true }))

const { preparedTable } = await import('./data.ts')
const { main } = await import('./main.ts')

test('a command on a table has the checkout for itself from its beginning to its end', async () => {
  const tried = vi.fn(async () => {
    await expect(acquire(path.join(cache.path, 'lock'))).rejects.toThrow('is at work in this checkout')
    return 0
  })
  vi.doMock('./check.ts', () => ({ check: tried }))
  try {
    expect(await main(['check', '--data', 'x.csv', '--target', 'y', '--key', 'id'])).toBe(0)
    expect(tried).toHaveBeenCalledOnce()
  } finally {
    vi.doUnmock('./check.ts')
  }
})

test('a table is not made ready while another command may be at work on one of the same name', async () => {
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  const data = path.join(cache.path, 'sales.csv')
  await writeFile(
    data,
    ['id,a,y', ...Array.from({ length: 8 }, (_, id) => `${id},${id},${id}`), ''].join('\n'),
  )
  const table = { data, target: 'y', key: ['id'], hyperparameters: { n_estimators: 3 } }
  const release = await acquire(path.join(cache.path, 'lock'))
  try {
    await expect(preparedTable(table)).rejects.toThrow('is at work in this checkout')
    expect(existsSync(path.join(cache.path, 'datasets'))).toBe(false)
  } finally {
    release()
  }
  // A command that has the lock is not kept by itself, and keeps it to its end.
  const { csv } = await locked(async () => {
    const made = await preparedTable(table)
    await expect(acquire(path.join(cache.path, 'lock'))).rejects.toThrow(`process ${process.pid}`)
    return made
  })
  expect(existsSync(csv)).toBe(true)
  expect(existsSync(path.join(cache.path, 'lock'))).toBe(false)
  vi.restoreAllMocks()
})
