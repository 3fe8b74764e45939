/** How the scenario of changes is told what to do, and how it tells what it saw. */

/**
 * How changes come in a stretch of load: everything at once, after a share of the stretch; or of one key each, so many a second, which may
 * be none.
 */
export type Pace = { once: number } | { perSecond: number }

/** Stands for all keys, where a change is of everything. */
export const everyKey = -1

/**
 * Most who write at once. One alone waits for each write, so that on a busy machine it would make fewer than are due, and of each side
 * another number.
 */
export const mostWriters = 16

/** In what is told: the state of a key that somebody else changes. */
export const notOwn = -1

/** In what is told: an answer that is none of the two that are known for its key. */
export const neither = 2

/** Numbers that each answer, or change, is told by. */
export const width = 4

/** What one virtual user tells of one stretch: a line. */
export interface ToldStretch {
  what: 'answers' | 'changes'
  clients: number
  round: number
  /** Key of the side. */
  side: string
  /** Position among the paces. */
  pace: number
  /**
   * One after the other, {@link width} numbers each, times in whole microseconds: the pause since the one before was over, of the first one
   * since the stretch began; how long it took; position of the key; the state that it tells of, or makes.
   */
  log: readonly number[]
  /** Of changes: the state of each key when the stretch began; {@link notOwn} of those that another virtual user changes. */
  before?: readonly number[]
  /** Of answers: what there was in the place of some. */
  failures?: readonly { kind: string; message: string; count: number }[]
}
