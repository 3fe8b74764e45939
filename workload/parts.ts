/** Several k6 that share one comparison. */

export interface Part {
  /** From 0. */
  index: number
  of: number
}

/** How many of so many virtual users are a part's: their global numbers are dealt out in turn. */
export const usersIn = ({ index, of }: Part, clients: number) =>
  Math.max(0, Math.ceil((clients - index) / of))
