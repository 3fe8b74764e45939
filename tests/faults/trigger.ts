/** When a fault begins: with a connection that is opened in the midst of what is measured, on a machine of whatever speed. */

export class Trigger {
  #isArmed = false
  #opened = 0
  readonly #at: number
  /** Whether it has come. */
  hasBegun = false
  readonly begun: Promise<void>
  #begin = () => {}

  /** @param at connections since it was armed, of which the last is the fault's first */
  constructor(at: number) {
    this.#at = at
    this.begun = new Promise((resolve) => {
      this.#begin = resolve
    })
  }

  /** From now on connections are the load's. */
  arm(): void {
    this.#isArmed = true
  }

  /** A connection was opened. */
  opened(): void {
    if (!this.#isArmed || ++this.#opened !== this.#at) return
    this.hasBegun = true
    this.#begin()
  }
}
