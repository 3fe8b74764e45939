/** How long turns are, and how many a block has: k6 keeps to it, and Node says beforehand how long that takes. */

/** Milliseconds of a turn at the least. */
const shortest = 25
/** At a saturated service each client more makes an answer some milliseconds slower; a turn holds a score of answers. */
const perClient = 20

/** Milliseconds of a turn; the first share of it does not count, for the machine's caches still hold another side. */
export const turnLength = (clients: number) => Math.max(shortest, perClient * clients)
export const leadShare = 0.2
/** From here to its end a turn is looked at for Little's law. */
export const middleShare = 0.5

/** Answers of the slowest side that a turn has room for at the least, each user's. */
const answersOfTurn = 10

/**
 * Milliseconds of a turn where answers are known to be slow: one that holds next to none begins and ends with waiting, and its
 * lead with a single request is over.
 * @param length of a turn without that @param answerMs of the slowest side, in the mean @param seconds of a block, which has two
 *   turns at the least
 */
export function turnOfSlow(length: number, answerMs: number, seconds: number): number {
  const wanted = answersOfTurn * answerMs
  if (!(wanted > length)) return length
  return Math.max(length, (seconds * 1000) / (2 * Math.max(1, Math.floor((seconds * 1000) / (2 * wanted)))))
}

/** Milliseconds of a turn in the open model: arrivals must not be cut into pieces shorter than a stall. */
export const openTurnLength = 1000

/**
 * Milliseconds of a block after which its connections are opened anew, at the next end of a round. A connection keeps what
 * it got: the worker that accepted it, the core on which its backend runs. Seen at one client: backends of the same server
 * that stayed twice as slow as others for as long as they lived. Many short-lived connections average that out.
 */
const life = 250

/** Rounds between two openings. */
export const roundsOfConnection = (turn: number) => Math.max(1, Math.round(life / (2 * turn)))

/** What is asked beside answers many times as fast as a service does, so that shorter turns hold as many answers. */
export const besideTurnLength = (clients: number) => Math.max(shortest, 2 * clients)

/** Rounds in a pair: a round has two turns of each side. @param seconds of a block, all turns of a side together */
export const roundsOf = (seconds: number, turn: number) =>
  Math.max(1, Math.round((seconds * 1000) / (2 * turn)))

/** Turns that several k6 share by the clock: far longer than their clocks differ. */
export const sharedTurn = {
  /** Milliseconds of a turn at the least. */
  least: 500,
  /** Share of a turn until the next one begins: what was asked last is answered by then. */
  rest: 0.2,
  /** Milliseconds of a block after which connections are opened anew: each opening takes a time of its own. */
  life: 2000,
  /** Milliseconds that it is given at the least. */
  opening: 1000,
}
