/**
 * Text columns become numbers: a value's code is its rank, from 1, among all distinct values of its kind in byte order.
 *
 * Two loads of the same flights give the same codes whatever the order of the rows, every code is exact in a 32-bit
 * float, and the dictionary kept beside the data turns each code back. Origin and destination share one dictionary,
 * so that an airport has one code. Aircraft without a known tail number are coded 0.
 */
export class Dictionary {
  readonly #codes: ReadonlyMap<string, number>

  constructor(values: Iterable<string>) {
    const distinct = [...new Set(values)].filter((value) => value !== '').sort(byBytes)
    this.#codes = new Map(distinct.map((value, rank) => [value, rank + 1]))
  }

  /** @throws {RangeError} for a value that was not there when the dictionary was made */
  code(value: string): number {
    if (value === '') return 0
    const code = this.#codes.get(value)
    if (code === undefined) throw new RangeError(`'${value}' is not in the dictionary`)
    return code
  }

  get size(): number {
    return this.#codes.size
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(this.#codes)
  }
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
