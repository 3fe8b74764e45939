import type { Answer } from '../../workload/workload.ts'

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
