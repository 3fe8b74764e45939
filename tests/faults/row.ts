/** A fault as the table has it: what is done, what is expected, and how it is seen. */

export interface Row {
  /** What is done. */
  what: string
  /** What must come of it. */
  expected: string
  /** It is one of those that `npm test` looks at; absent: only `npm run test:faults`. */
  often?: true
  /** Does it. @returns what was seen, in the words of the table @throws where that is not what must come of it */
  see: () => Promise<string>
}

/** Rows that share what they need. */
export interface Group {
  title: string
  rows: Row[]
  before?: () => Promise<unknown>
  after?: () => Promise<unknown>
}
