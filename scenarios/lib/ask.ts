/** The target answered, but not with exactly one prediction. */
export class WrongAnswer extends Error {
  constructor(
    message: string,
    /** What it is counted as. */
    readonly kind = 'wrong answer',
  ) {
    super(message)
  }
}

/** What a scenario needs of a target, whichever it is. */
export interface Ask {
  /**
   * Sends one prediction request and waits for the whole answer.
   * @param position of the key in `keys`
   * @returns the predicted delay in minutes
   * @throws {WrongAnswer} when the answer is another than one prediction; any other error when there was none
   */
  (position: number): number
  /** Which part of the target answered last; absent where no target says so. */
  label?: () => string | undefined
  close(): void
  /** Connections that were opened in the place of lost ones. */
  replaced(): number
  /** Whether the server holds the statement prepared, for a target to which that applies. */
  isPrepared(): boolean
}
