/**
 * The keys that predictions are asked for, and a seeded draw from them.
 *
 * Both targets draw by the same generator from the same seed, so that the blocks of a pair ask the same keys in the
 * same order, each virtual user its own sequence.
 */
import { SharedArray } from 'k6/data'
import sql from 'k6/x/sql'
import { misfitsOfKeys } from '../../workload/keys.ts'
import { inLines } from '../../workload/misfit.ts'
import { generator } from './draw.ts'
import { readJson } from './file.ts'
import { root } from './root.ts'
import { text } from './settings.ts'

/** [originairportid, year, month, dayofmonth] */
export type Key = [number, number, number, number]

const file = text('KEYS_FILE', `${root}.cache/datasets/nycflights13/keys.json`)

const shared = new SharedArray<Key>('keys', () => {
  const keys = readJson('KEYS_FILE', file)
  const misfits = misfitsOfKeys(keys)
  if (misfits.length > 0) throw new Error(`KEYS_FILE: ${file} does not fit:\n${inLines(misfits)}`)
  return keys as Key[]
})

/** The keys as parameters of a query, kept once for all virtual users. */
export const keyParameters = sql.parameterSets('keys', () => shared.map((key) => key))

/** The key at a position, as an array of its own; each call parses it. */
export const keyAt = (position: number) => shared[position] as Key

/** How many there are. */
export const keyCount = shared.length

/** Draws positions of keys, evenly and repeatably. */
export const draw = (seed: number, user: number, block: number) => generator(seed, user, block, keyCount)
