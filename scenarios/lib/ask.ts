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
   * @param position of the key in `keys`; of the first, where several are asked at once: then it gives as many answers
   * @throws {WrongAnswer} when the answer is of another kind; any other error when there was none
   */
  (position: number): Answer | readonly Answer[]
  /** Which of several hosts it leads to; absent where the side is one. */
  host?: string | undefined
  /** Which part of the side answered last; absent where it does not say. */
  label?: () => string | undefined
  close(): void
  /** Connections that were opened in the place of lost ones. */
  replaced(): number
  /** Whether the server holds the statement prepared, where that applies. */
  isPrepared(): boolean
}

/** The clock of whoever is asked. */
export interface Clock {
  /** Asks once. @returns the bounds between which it stood, in milliseconds since 1970; undefined where it does not say */
  read(): [from: number, to: number] | undefined
  /** Milliseconds between two looks: those of a clock that moves finely need no wait. */
  everyMs: number
  close(): void
}

/** What becomes of what came back and is no answer. */
export interface Refusals {
  /** Of what is of another kind than the workload declares. @param from what the side's own `value` was given */
  wrong(answer: unknown, from?: unknown): unknown
  /** Of what the side's own `value` could not be made of. @param from what that was */
  threw(error: unknown, from: unknown): unknown
}

/** How a side's messages tell of what came back. */
export interface Words {
  /** As a sentence begins: "expected one row with a finite number". */
  expected: string
  /** Before what `value` was given. */
  from: string
  /** A text without what is secret in it. Absent: nothing is. */
  covered?: (text: string) => string
}

const mostShown = 200
/** So that a secret in it is not cut, and then not found. */
const mostCovered = 5000

/**
 * A null server that was told the side's own answer gives it, and it is read and looked at as the side's is, so that it costs the same. One that
 * was not gives a constant, of which nobody expects anything.
 */
export function refusals(role: Role, { expected, from, covered = (text) => text }: Words): Refusals {
  if (role === 'null') return { wrong: (answer) => answer, threw: () => undefined }
  const shown = (given: unknown) => {
    if (given instanceof ArrayBuffer) return `${given.byteLength} bytes`
    const text = covered(shortened(given, mostCovered))
    return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text
  }
  return {
    wrong: (answer, given) => {
      const origin = given === undefined ? '' : ` ${from} ${shown(given)}`
      throw new WrongAnswer(`${expected}, got ${shown(answer)}${origin}`)
    },
    threw: (error, given) => {
      const what = covered(error instanceof Error ? error.message : String(error))
      throw new WrongAnswer(`its value throws: ${what} ${from} ${shown(given)}`)
    },
  }
}
