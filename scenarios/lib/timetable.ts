/**
 * When turns begin. Alone each begins when the one before is over. Several k6 that share a comparison know nothing of each other: there
 * all moments are worked out beforehand, from one that all were given, and who is ready sooner waits.
 */
import {
  besideTurnLength,
  roundsOfConnection,
  sharedTurn,
  turnLength,
  turnOfSlow,
} from '../../workload/turns.ts'

export interface Timetable {
  /** Milliseconds of a closed turn. @param answerMs the slowest side's mean in the warm-up */
  turn(clients: number, answerMs: number): number
  /** Milliseconds of a turn in a warm-up, and of one of what is asked beside. */
  warmUpTurn(clients: number): number
  besideTurn(clients: number): number
  /** Rounds between two openings of connections. */
  roundsOfConnection(turn: number): number
  /**
   * @param free when all had opened their connections, in milliseconds of the clock
   * @param milliseconds that they may take for it
   * @returns when the first turn begins
   */
  opened(free: number, turns: number): number
  /** @param free when all were done with a turn @param length of that @returns when the next one begins */
  ended(free: number, length: number): number
}

const longestWarmUpTurn = 250

/** @param seconds of a block */
export const alone = (seconds: number): Timetable => ({
  turn: (clients, answerMs) => turnOfSlow(turnLength(clients), answerMs, seconds),
  warmUpTurn: (clients) => Math.min(turnLength(clients), longestWarmUpTurn),
  besideTurn: besideTurnLength,
  roundsOfConnection,
  opened: (free) => free,
  ended: (free) => free,
})

/**
 * @param start the moment that all were given, in milliseconds of this process's clock
 * @param least milliseconds of a turn
 */
export function shared(start: number, least: number): Timetable {
  let due = start
  const { life, rest, opening } = sharedTurn
  return {
    // No part knows how slow answers are for the others.
    turn: (clients) => Math.max(least, turnLength(clients)),
    warmUpTurn: () => least,
    besideTurn: (clients) => Math.max(least, besideTurnLength(clients)),
    roundsOfConnection: (length) => Math.max(1, Math.round(life / (2 * length))),
    opened: (_, milliseconds) => {
      due += Math.max(opening, milliseconds)
      return due
    },
    ended: (_, length) => {
      due += length * (1 + rest)
      return due
    },
  }
}
