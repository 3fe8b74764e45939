/** What is asked of the targets once the load is over. Their failure is told, and costs neither the figures nor the verdict. */
import { kindOf } from '../build/causes.ts'
import { messageOf } from '../build/failure.ts'
import type { Run } from '../report/run.ts'

type Missing = NonNullable<Run['missed']>[number]

const mostShown = 300

export class Missed {
  readonly #all: Missing[] = []
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** @param otherwise what stands in its place where it cannot be found out */
  async orElse<T>(what: string, work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work()
    } catch (error) {
      this.#signal.throwIfAborted()
      const message = messageOf(error).replace(/\s+/g, ' ').slice(0, mostShown)
      this.#all.push({ what, kind: kindOf(error), message })
      return otherwise
    }
  }

  /** For the run; nothing where nothing is missing. */
  told(): { missed?: Missing[] } {
    return this.#all.length > 0 ? { missed: this.#all } : {}
  }
}
