import { shortened } from '../../workload/shortened.ts'
import type { Answer, Role } from '../../workload/workload.ts'

/** The side answered, but not with an answer of the kind that the workload declares. */
export class WrongAnswer extends Error {
  constructor(
    message: string,
    /** What it is counted as. */
    readonly kind = 'wrong answer',
  ) {
    super(message)
  }
}

/** What a scenario needs of a connection to a side, whatever it speaks. */
export interface Ask {
  /**
   * Sends one request and waits for the whole answer.
   * @param position of the key in `keys`
   * @throws {WrongAnswer} when the answer is of another kind; any other error when there was none
   */
  (position: number): Answer
  /** Which part of the side answered last; absent where it does not say. */
  label?: () => string | undefined
  close(): void
  /** Connections that were opened in the place of lost ones. */
  replaced(): number
  /** Whether the server holds the statement prepared, where that applies. */
  isPrepared(): boolean
}

/** What came back, for messages. */
export const shown = (given: unknown): string =>
  given instanceof ArrayBuffer ? `${given.byteLength} bytes` : shortened(given, 200)

/** What becomes of what came back and is no answer. */
export interface Refusals {
  /** Of what is of another kind than the workload declares. @param from what the side's own `value` was given */
  wrong(answer: unknown, from?: unknown): unknown
  /** Of what the side's own `value` could not be made of. @param from what that was */
  threw(error: unknown, from: unknown): unknown
}

/**
 * A null server that was told the side's own answer gives it, and it is read and looked at as the side's is, so that it costs the same. One that
 * was not gives a constant, of which nobody expects anything.
 */
export const refusals = (role: Role, inWords: (answer: unknown, from?: unknown) => string): Refusals =>
  role === 'null'
    ? { wrong: (answer) => answer, threw: () => undefined }
    : {
        wrong: (answer, from) => {
          throw new WrongAnswer(inWords(answer, from))
        },
        threw: (error, from) => {
          const what = error instanceof Error ? error.message : String(error)
          throw new WrongAnswer(`its value throws: ${what}; it was given ${shown(from)}`)
        },
      }
