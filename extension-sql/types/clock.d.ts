/** A monotonic clock, the same for all virtual users of the process. */
declare module 'k6/x/clock' {
  /** Milliseconds since the process's zero, finer than a microsecond; never goes back. */
  export function now(): number
  /** The process's zero, in milliseconds since 1970 by the machine's clock as it was then. */
  export function origin(): number
  const clock: { now: typeof now; origin: typeof origin }
  export default clock
}
