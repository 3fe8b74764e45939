/**
 * The keys that are asked for, and a seeded draw from them.
 *
 * All sides draw by the same generator from the same seed, so that the blocks of a pair ask the same keys in the same order, each virtual
 * user its own sequence.
 */
import crypto from 'k6/crypto'
import { SharedArray } from 'k6/data'
import { questionAt } from '../../workload/batch.ts'
import { type Draw, drawOf } from '../../workload/draw.ts'
import { misfitsOfKeys } from '../../workload/keys.ts'
import { inLines } from '../../workload/misfit.ts'
import type { AnyKey } from '../../workload/workload.ts'
import { readJson } from './file.ts'
import { places } from './given.ts'
import { moment, text } from './settings.ts'
import { asked } from './workload.ts'

const file = text('KEYS_FILE', places.keys)

const shared = new SharedArray<AnyKey>('keys', () => {
  const keys = readJson('KEYS_FILE', file)
  const misfits = misfitsOfKeys(keys, asked.misfits)
  if (misfits.length > 0) throw new Error(`KEYS_FILE: ${file} does not fit:\n${inLines(misfits)}`)
  return keys as AnyKey[]
})

/** SHA-256 of the file; empty where no other k6 has one to compare. */
export const keysDigest =
  moment('START_AT') === undefined
    ? ''
    : (new SharedArray('digest of the keys', () => [crypto.sha256(open(file), 'hex')])[0] as string)

/** How many there are. */
export const keyCount = shared.length

/**
 * What a side makes of each key, in their order; where it asks for `size` at once, of as many from each key on.
 * @throws {Error} naming the key for which it fails
 */
export const eachKey = <Made>(side: string, make: (key: AnyKey) => Made, size?: number): Made[] =>
  // Each read of a shared array makes its element anew.
  (size === undefined ? shared : [...shared]).map((key, index, keys) => {
    try {
      return make(size === undefined ? key : questionAt(keys, index, size))
    } catch (error) {
      throw new Error(
        `${side}: ${size === undefined ? 'key' : `${size} keys from key`} ${index + 1} of ${file}, ${JSON.stringify(key).slice(0, 100)}: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  })

const drawn = drawOf(places.draw ?? asked.draw, keyCount)

/** Draws positions of keys, repeatably, as the workload says. */
export const draw = (seed: number, user: number, block: number): Draw => drawn(seed, user, block)
