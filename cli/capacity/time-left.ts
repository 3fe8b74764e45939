/**
 * Keeps a search within its time. How long a session takes is not known before the first: it is told by those that were, as a line of
 * what each takes for itself and what each of its rounds takes.
 */

/** Sessions of a confirmation that the search leaves time for: five that must hold, and a step down in the midst of them. */
const reserved = 7
/** Rounds of each. */
const roundsOfReserved = 2

interface Session {
  rounds: number
  seconds: number
}

export class TimeLeft {
  readonly #ends: number
  /** Seconds that one round takes, of all sides. */
  readonly #round: number
  readonly #now: () => number
  readonly #sessions: Session[] = []

  /**
   * @param seconds from now
   * @param round seconds that one round takes at the least
   */
  constructor(seconds: number, round: number, now: () => number = () => performance.now() / 1000) {
    this.#now = now
    this.#ends = now() + seconds
    this.#round = round
  }

  /** Does a session, and notes how long it takes. */
  async taken<Result>(rounds: number, session: () => Promise<Result>): Promise<Result> {
    const since = this.#now()
    const result = await session()
    this.#sessions.push({ rounds, seconds: this.#now() - since })
    return result
  }

  /** Whether one session more of so many rounds ends in time. */
  has(rounds: number): boolean {
    return this.#now() + this.#secondsOf(rounds) <= this.#ends
  }

  /** Whether after it there is time for the confirmation, too. */
  hasForSearch(rounds: number): boolean {
    const confirmation = reserved * (this.#shortestStart() + roundsOfReserved * this.#round)
    return this.#now() + this.#secondsOf(rounds) + confirmation <= this.#ends
  }

  /** Beyond their rounds. */
  #starts(): number[] {
    return this.#sessions.map(({ rounds, seconds }) => Math.max(0, seconds - rounds * this.#round))
  }

  /** As the longest of those that were: what a start takes, and the rounds. Until there was one, the rounds alone. */
  #secondsOf(rounds: number): number {
    return Math.max(0, ...this.#starts()) + rounds * this.#round
  }

  /** Sessions that asked too much took longer until their backlog was answered; at a rate that holds there is none. */
  #shortestStart(): number {
    return this.#sessions.length === 0 ? 0 : Math.min(...this.#starts())
  }
}
