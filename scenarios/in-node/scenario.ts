/** Modules of a scenario as one virtual user has them: made anew, with variables and files of their own. */
import { vi } from 'vitest'
import type { AnyKey, Draw, Given } from '../../workload/workload.ts'
import type { world as World } from './world.ts'

export const keys = [
  [35, 2013, 1, 1],
  [36, 2013, 2, 2],
  [37, 2013, 3, 3],
]

export const variables = {
  KEYS_FILE: 'keys.json',
  THRESHOLDS_FILE: 'thresholds.json',
  POSTGRES_URL: 'postgres://database/',
  PYTHON_URL: 'http://service/',
}

/** What a bundle puts in the place of lib/given.ts. */
export interface Own {
  workload: Given<AnyKey>
  /** Of files that queries stand in. */
  texts?: Record<string, string>
  /** Whether it has thresholds; absent: it has. */
  hasThresholds?: boolean
  /** How its keys are drawn from, where they have been drawn from more before. */
  draw?: Draw
}

function give({ workload, texts = {}, hasThresholds = true, draw }: Own): void {
  const places = { keys: 'keys.json', thresholds: hasThresholds ? 'thresholds.json' : undefined, draw }
  vi.doMock('../lib/given.ts', () => ({ default: workload, texts, places }))
}

/** @param env beside the usual; undefined takes one away @param files by name, beside the keys @param user 0: who is asked for the options @param own absent: the flights */
export async function inScenario(
  env: Record<string, string | undefined> = {},
  files: Record<string, string> = {},
  user = 0,
  own?: Own,
): Promise<typeof World> {
  vi.resetModules()
  if (own) give(own)
  else vi.doUnmock('../lib/given.ts')
  const all: Record<string, string> = { 'keys.json': JSON.stringify(keys), 'thresholds.json': '{}', ...files }
  vi.stubGlobal('__ENV', { ...variables, ...env })
  vi.stubGlobal('__VU', user)
  vi.stubGlobal('open', (file: string) => {
    const text = all[file]
    if (text === undefined) throw new Error(`open ${file}: no such file or directory`)
    return text
  })
  return (await import('./world.ts')).world
}
