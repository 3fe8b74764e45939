/** What a comparison is about, from the environment variables: its sides, numbers of clients, lengths and rate. */
import { allSides } from '../../workload/resolve.ts'
import { seconds, seed, wholeNumber, wholeNumbers } from './settings.ts'
import { checkSide } from './sides.ts'
import { asked, sidesOf } from './workload.ts'

/** Requests a second that are due; 0 in the closed model. */
export const rate = wholeNumber('RATE', 0, 0)

export const settings = {
  clients: rate > 0 ? [wholeNumber('MAX_CLIENTS', 100)] : wholeNumbers('CLIENTS', [1]),
  pairs: wholeNumber('PAIRS', 4),
  blockSeconds: seconds('BLOCK_SECONDS', 2),
  warmupSeconds: seconds('WARMUP_SECONDS', 10),
  seed: seed(),
}

export const sides = sidesOf('SIDES', allSides(asked))
/** Asked a little in each pair: null operations, for what the client costs by itself, and other ways of predicting. */
export const beside = sidesOf('BESIDE', [])
for (const side of [...sides, ...beside]) checkSide(side)

/** What all others are compared with. */
export const lastSide = sides.at(-1)?.key ?? ''
/** Their answers are compared. */
export const predicting = [...sides, ...beside].filter(({ role }) => role === 'predict')
