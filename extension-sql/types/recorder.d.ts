/** Latencies in HDR histograms and counts per 100 ms, shared by all virtual users of the process. */
declare module 'k6/x/recorder' {
  export interface SeriesOptions {
    target: string
    block: string
    /** Beginning of the steady window, in milliseconds of `k6/x/clock`; absent: from the first request. */
    from?: number
    /** Its end; absent: to the last request. Only requests that finish inside the window count. */
    to?: number
    /** Also pushes `sql_req_duration`, `sql_reqs` and `sql_req_failed` to k6, with the current tags. */
    metric?: 'sql'
  }

  export interface Series {
    /** Position of this virtual user among those that opened the series, from 0. */
    readonly client: number
    /**
     * Counts a request that began at `startedAt` (clock milliseconds) and ends now.
     * @param label which part of the target answered
     * @returns its latency in milliseconds
     */
    record(startedAt: number, ok: boolean, label?: string): number
    /** Counts a request that ends now and whose latency, in milliseconds, counts from an intended start. */
    recordDuration(durationMs: number, ok: boolean, label?: string): number
  }

  /** Latencies in milliseconds, null where nothing was recorded; all but the percentiles are exact, those within 0.1 %. */
  export interface Outcome {
    count: number
    minMs: number | null
    maxMs: number | null
    meanMs: number | null
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
    target: string
    block: string
    /** Virtual users that opened it. */
    clients: number
    ok: Outcome
    failed: Outcome
    /** Requests that finished outside the window. */
    outside: number
    /** Requests longer than the histogram's 60 s, counted as 60 s there. */
    overflow: number
    windowMs: number
    firstMs: number
    lastMs: number
    /** Right answers per `widthMs`. */
    slices: { fromMs: number; widthMs: number; counts: number[] }
    /** Right answers by label. */
    labels: Record<string, number>
  }

  export interface Recorded {
    clock: { startedAtUnixMs: number }
    series: RecordedSeries[]
  }

  /** Opens a series for this virtual user. */
  export function series(options: SeriesOptions): Series
  /** All that was recorded so far; works in handleSummary, too. */
  function exportRecorded(): Recorded

  export { exportRecorded as export }
  /** Closes this virtual user's idle HTTP connections, so that the next request opens one anew. */
  export function closeIdleConnections(): void
  const recorder: {
    series: typeof series
    export: typeof exportRecorded
    closeIdleConnections: typeof closeIdleConnections
  }
  export default recorder
}
