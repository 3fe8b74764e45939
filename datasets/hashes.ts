/**
 * Sums of hashes modulo 2^64: what is equal on both sides has equal sums, in whatever order it is met, and a sum can be taken where
 * the rows are. The hash is the one that Postgres has as `hashtextextended(text, seed)` (Bob Jenkins's lookup3, of which 64 bits
 * count), so that the database adds up its own rows; the seed is a row's place, so that rows that change places are seen, too.
 */

const rotated = (value: number, by: number) => (value << by) | (value >>> (32 - by))
/** Of the next four bytes, the lowest first. */
const wordAt = (bytes: Uint8Array, at: number) =>
  (bytes[at] as number) |
  ((bytes[at + 1] as number) << 8) |
  ((bytes[at + 2] as number) << 16) |
  ((bytes[at + 3] as number) << 24)

const wordRange = 2 ** 32

export interface Sum {
  /** Texts that were added. */
  count: number
  /** 16 hexadecimal digits. */
  sum: string
}

export const hexadecimal = (sum: bigint): string => BigInt.asUintN(64, sum).toString(16).padStart(16, '0')

/** In two halves, because big integers would take longer than the hash. */
export class SumOfHashes {
  #low = 0
  #high = 0
  #count = 0

  /** The bytes from `start` to `end`. @param seed from 1 to 2^53; with 0 the hash is another function */
  add(bytes: Uint8Array, start: number, end: number, seed: number): void {
    let a = (0x9e3779b9 + 3923095 + end - start) | 0
    let b = (a + seed) | 0
    let c = a
    a = (a + Math.floor(seed / wordRange)) | 0
    let at = start
    for (;;) {
      a = (a - c) ^ rotated(c, 4)
      c = (c + b) | 0
      b = (b - a) ^ rotated(a, 6)
      a = (a + c) | 0
      c = (c - b) ^ rotated(b, 8)
      b = (b + a) | 0
      a = (a - c) ^ rotated(c, 16)
      c = (c + b) | 0
      b = (b - a) ^ rotated(a, 19)
      a = (a + c) | 0
      c = (c - b) ^ rotated(b, 4)
      b = (b + a) | 0
      if (end - at < 12) break
      a = (a + wordAt(bytes, at)) | 0
      b = (b + wordAt(bytes, at + 4)) | 0
      c = (c + wordAt(bytes, at + 8)) | 0
      at += 12
    }
    // Of what is left, four bytes go to each of the first two; the lowest byte of the third is the length's.
    for (let shift = 0; at < end; at++, shift += 8) {
      const byte = bytes[at] as number
      if (shift < 32) a = (a + (byte << shift)) | 0
      else if (shift < 64) b = (b + (byte << (shift - 32))) | 0
      else c = (c + (byte << (shift - 56))) | 0
    }
    c = ((c ^ b) - rotated(b, 14)) | 0
    a = ((a ^ c) - rotated(c, 11)) | 0
    b = ((b ^ a) - rotated(a, 25)) | 0
    c = ((c ^ b) - rotated(b, 16)) | 0
    a = ((a ^ c) - rotated(c, 4)) | 0
    b = ((b ^ a) - rotated(a, 14)) | 0
    c = ((c ^ b) - rotated(b, 24)) | 0
    this.#low += c >>> 0
    const carry = this.#low >= wordRange ? 1 : 0
    this.#low -= carry * wordRange
    this.#high = (this.#high + (b >>> 0) + carry) % wordRange
    this.#count++
  }

  value(): Sum {
    return {
      count: this.#count,
      sum: hexadecimal((BigInt(this.#high) << 32n) | BigInt(this.#low)),
    }
  }
}
