import { expect, test } from 'vitest'
import { settingsFor } from './workers.ts'

test.each([1, 2, 8])('with %i cores each setting is measured once, the default last', (cores) => {
  const settings = settingsFor(cores)
  const names = settings.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(settings.at(-1)?.env).toEqual({ WORKERS: String(cores), THREADS: '4', REUSE_PORT: '1' })
  expect(names).toHaveLength(cores === 1 ? 6 : 7)
})
