/** How changes come, in each kind of stretch. */
import type { Pace } from '../../workload/changes.ts'
import { refuse, text } from './settings.ts'

const expected =
  'a JSON list of paces: {"once": 0.4}, a share from 0 to below 1, or {"perSecond": 100}, a number of at least 0'

function fits(pace: unknown): pace is Pace {
  const { once, perSecond } = (pace ?? {}) as { once?: unknown; perSecond?: unknown }
  if (once !== undefined) return perSecond === undefined && typeof once === 'number' && once >= 0 && once < 1
  return typeof perSecond === 'number' && perSecond >= 0 && Number.isFinite(perSecond)
}

function parsed(given: string): unknown {
  try {
    return JSON.parse(given)
  } catch {
    return undefined
  }
}

/** From PACES. */
export function paces(): readonly Pace[] {
  const given = text('PACES', '[{"once": 0.4}]')
  const list = parsed(given)
  return Array.isArray(list) && list.length > 0 && list.every(fits) ? list : refuse('PACES', given, expected)
}
