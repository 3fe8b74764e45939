/** The clock of this process, which somebody sets: a date, and no measure of time. */

/** @param work is handed what sets the clock back; afterwards it is right again */
export async function backInTime<T>(
  milliseconds: number,
  work: (setBack: () => void) => Promise<T>,
): Promise<T> {
  const RightDate = globalThis.Date
  class Back extends RightDate {
    constructor(...given: [] | [number | string]) {
      super(...((given.length === 0 ? [Back.now()] : given) as [number]))
    }
    static override now() {
      return RightDate.now() - milliseconds
    }
  }
  try {
    const made = await work(() => {
      globalThis.Date = Back as DateConstructor
    })
    if (globalThis.Date === RightDate) throw new Error('nobody has set the clock back')
    return made
  } finally {
    globalThis.Date = RightDate
  }
}
