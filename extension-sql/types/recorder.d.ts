/** Latencies in HDR histograms, shared by all virtual users of the process. */
declare module 'k6/x/recorder' {
  export interface SeriesOptions {
    /** What is measured; virtual users that name the same side and block share one store. */
    side: string
    block: string
    /**
     * Also gives k6 `sql_req_duration`, `sql_reqs` and `sql_req_failed`, or those of HTTP, with the current tags and `side`.
     * A duration is the latency that was recorded: the script's, on either side.
     */
    metric?: 'http' | 'sql'
    /** Which part of the side this virtual user asks, as its host: what is recorded stands by it, too. */
    part?: string
  }

  export interface Series {
    /**
     * Counts a request that began at `startedAt` (clock milliseconds, not later than now) and ends now.
     * @param label which part of the side answered; of more than 256, the rest is counted as `(others)`
     * @param kind of a failure, as `HTTP 503`; absent: `other`. Of more than 64, the rest is counted as `(others)`
     * @param message of a failure; that of the first of each kind is kept, in one line of at most 300 characters
     * @returns its latency in milliseconds
     * @throws TypeError naming the argument, its value and what was expected
     */
    record(startedAt: number, ok: boolean, label?: string, kind?: string, message?: string): number
    /**
     * As `record`, where the next request follows at once.
     * @returns milliseconds of the clock, read when all that belongs to this request is done: what the next one counts from
     */
    lap(startedAt: number, ok: boolean, label?: string, kind?: string, message?: string): number
    /**
     * Counts a request that ends now and whose latency counts from an intended start.
     * @param durationMs milliseconds, 0 or more
     * @returns `durationMs`, to the nanosecond
     * @throws TypeError naming the argument, its value and what was expected
     */
    recordDuration(durationMs: number, ok: boolean, label?: string, kind?: string, message?: string): number
  }

  /** Latencies in milliseconds, null where nothing was recorded; exact but for the percentiles, which are within 0.1 %. */
  export interface Outcome {
    count: number
    minMs: number | null
    maxMs: number | null
    meanMs: number | null
    /** Of a sample (n − 1): null for a single latency, too. */
    stdevMs: number | null
    p50Ms: number | null
    p90Ms: number | null
    p95Ms: number | null
    p99Ms: number | null
    p999Ms: number | null
    /** HdrHistogram V2, compressed, base64; unit nanoseconds. Empty where nothing was recorded. */
    histogram: string
  }

  export interface RecordedSeries {
    side: string
    block: string
    ok: Outcome
    failed: Outcome
    /** Right answers by label. */
    labels: Record<string, number>
    /** By kind, the most frequent first. */
    failures: { kind: string; count: number; message: string }[]
    /** Of the parts of the side that were told apart; absent where none was. */
    parts?: { name: string; ok: Outcome; failed: Outcome }[]
  }

  export interface Recorded {
    /** The clock's zero, in milliseconds since 1970. */
    clock: { startedAtUnixMs: number }
    /** What the process runs on: its name, and the cores that Go uses. */
    machine: { host: string; cores: number }
    series: RecordedSeries[]
  }

  /**
   * Opens a series for this virtual user.
   * @throws TypeError naming the option, its value and what was expected
   */
  export function series(options: SeriesOptions): Series
  /** All that was recorded so far; works in handleSummary, too. */
  function exportRecorded(): Recorded

  export { exportRecorded as export }
  /**
   * Says that this virtual user is done with the series that it has opened: what it recorded is put to that of the others, so
   * that memory does not grow with users times blocks. A series that it still holds may be used on; opened again, it counts as another user's.
   */
  export function retire(): void
  /**
   * Writes a file, where k6 would only for handleSummary; to that end it keeps every sample of the test in memory. All of
   * it or nothing: where it cannot be written, what stood there stays and a warning is logged. `/dev/fd/3` is a descriptor
   * that whoever started k6 has opened; it gets a line.
   * @returns whether it is written
   * @throws TypeError naming the argument; in the init context
   */
  export function save(file: string, text: string): boolean
  /**
   * Tries whether `save` could write there; works in the init context.
   * @throws TypeError naming the argument; an error that says why it cannot be written
   */
  export function tryFile(file: string): void
  const recorder: {
    series: typeof series
    export: typeof exportRecorded
    retire: typeof retire
    save: typeof save
    tryFile: typeof tryFile
  }
  export default recorder
}
