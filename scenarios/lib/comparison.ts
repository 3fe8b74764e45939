/** What a comparison is about, from the environment variables: its sides, numbers of clients, lengths and rate. */
import { allSides } from '../../workload/resolve.ts'
import { openTurnLength, sharedTurn } from '../../workload/turns.ts'
import { schedule } from './schedule.ts'
import { moment, oneOf, seconds, seed, share, someSeconds, wholeNumber, wholeNumbers } from './settings.ts'
import { checkSide } from './sides.ts'
import { asked, sidesOf } from './workload.ts'

/** Requests a second that are due of each side, pair by pair; absent where all are due alike, or the model is closed. */
export const rates = schedule()
/** Requests a second that are due; of several rates the largest; 0 in the closed model. */
export const rate = rates
  ? Math.ceil(Math.max(...rates.flatMap((pair) => Object.values(pair))))
  : wholeNumber('RATE', 0, 0)

/** When several k6 that share a comparison begin, in milliseconds since 1970; undefined: this one is alone. */
export const startAt = moment('START_AT')
/** Milliseconds of a turn that they share, where the model is closed. */
export const leastTurn = 1000 * someSeconds('TURN_SECONDS', sharedTurn.least / 1000)

/** The open model. */
export const open = {
  /** Whether requests are due at even distances, or as those of independent users. */
  arrivals: oneOf('ARRIVALS', ['even', 'poisson'], 'even'),
  /** Milliseconds of a turn: arrivals must not be cut into pieces shorter than a stall. */
  turnMs: 1000 * someSeconds('TURN_SECONDS', openTurnLength / 1000),
  /** Share of a turn whose requests do not count. */
  lead: share('OPEN_LEAD', 0),
}

/** What is due of a side in a pair, a second. */
export const rateOf = (key: string, pair: number): number => (rates ? (rates[pair - 1]?.[key] ?? 0) : rate)

export const settings = {
  clients: rate > 0 ? [wholeNumber('MAX_CLIENTS', 100)] : wholeNumbers('CLIENTS', [1]),
  pairs: rates ? rates.length : wholeNumber('PAIRS', 4),
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
