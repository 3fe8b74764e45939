/** What was found of each side: the highest arrival rate at which it holds its objective, or why none is known. */

/** One that may be told of: fresh sessions confirmed a rate, or what ended first was not the side. */
export interface Capacity {
  /** The side's key. */
  side: string
  /** Requests a second. Where {@link atLeast} is given no limit was seen, and this is its rate. */
  capacity: number
  /** Ends of the 95 % interval, requests a second. */
  low: number
  high: number
  /** Requests a second at which fresh sessions confirmed the objective; absent: at no rate, so that it is one of at least. */
  confirmed?: number
  /**
   * What ended first was not the side: it does this many requests a second or more.
   * Why, to stand behind a comma, as "client-limited".
   */
  atLeast?: { rate: number; why: string }
}

/** A side without one. */
export interface NoCapacity {
  side: string
  /** In words, to stand behind a colon. */
  why: string
}

export const isKnown = (found: Capacity | NoCapacity): found is Capacity => 'capacity' in found

/** What JSON can hold of an interval without an upper end. */
export const endless = Number.MAX_VALUE

/** The rate that the side surely holds, and the one that it surely does not go beyond. */
export const endsOf = ({
  low,
  high,
  confirmed = Number.POSITIVE_INFINITY,
  atLeast,
}: Capacity): [low: number, high: number] =>
  atLeast ? [Math.min(atLeast.rate, confirmed), endless] : [Math.min(low, confirmed), high]

/** "1,234/s" */
export const rateInWords = (rate: number) => `${rate.toLocaleString('en', { maximumSignificantDigits: 4 })}/s`
