/** A monotonic clock, the same for all virtual users of the process. */
declare module 'k6/x/clock' {
  /** Milliseconds since the process's zero, finer than a microsecond; never goes back. */
  export function now(): number
  const clock: { now: typeof now }
  export default clock
}
