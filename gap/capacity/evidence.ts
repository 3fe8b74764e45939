/** What a search for a capacity has to go by: what each side did in each round at the rate that it was asked at. */

/** One condition of an objective. A request that failed is over every limit of latency. */
export type Term =
  /** At least this share of the requests (0.99 for p99) is answered within the limit. */
  | { figure: 'percentile'; share: number; limitMs: number; text: string }
  /** The mean latency of right answers is at most the limit. */
  | { figure: 'mean'; limitMs: number; text: string }
  /** At most this share of the requests fails. */
  | { figure: 'failures'; limit: number; text: string }

/** All terms are to hold. */
export interface Objective {
  /** As it was written. */
  text: string
  terms: readonly Term[]
}

/** One side in one round: two turns, some milliseconds or seconds apart, at one rate. */
export interface Point {
  /** The side's key. */
  side: string
  /** Requests a second that were due in the mean. */
  rate: number
  /** From 1: each session is a k6 process of its own, and new targets where these are ours. */
  session: number
  /** From 1 within the session. The sides of one round were measured close in time, so they are a pair. */
  round: number
  /** Seconds in which arrivals were due that count. */
  seconds: number
  /** Arrivals that count. */
  due: number
  /** Of these, those with a right answer. */
  answered: number
  /** Those that failed, or were never sent. */
  failed: number
  /**
   * By term of the objective: how many requests were within the limit (percentile), the sum of all latencies in milliseconds (mean),
   * or how many did not fail (failures).
   */
  within: readonly number[]
  /**
   * Seconds by which the latency grew in each second, by least squares over when requests were due. Where more is due than is served
   * it is 1 − served ÷ due; where a side keeps up it is 0 but for noise.
   */
  growth: number
  /** Milliseconds: how late the client sent, for want of its own processor time and not of an answer; p99. */
  lateP99Ms: number
  /** Arrivals that no virtual user was free to send in time. */
  dropped: number
  /**
   * Share of the machine's processor time that programs took which are not ours, while this was asked. Only of a null server, whose side
   * rests meanwhile: what is taken then is not the side's. Absent where it is not known.
   */
  takenByOthers?: number
}
