/** xk6-sql 1.0.5, as far as scenarios use it (https://github.com/grafana/xk6-sql), with what our pgx driver takes and gives. */
declare module 'k6/x/sql' {
  /** A driver, as `k6/x/sql/driver/…` exports it. */
  export type Driver = symbol

  /** Bounds of this virtual user's pool. One of a single connection, without the two durations, is asked at the least cost. */
  export interface Options {
    /** Most connections at once; absent or 0: no limit. */
    max_open_conns?: number
    /** Most connections kept open while unused; absent: 2. */
    max_idle_conns?: number
    /** A duration as `30s`, after which a connection is opened anew. */
    conn_max_lifetime?: string
    /** A duration as `30s`, after which an unused connection is closed. */
    conn_max_idle_time?: string
  }

  /**
   * A query's parameter; the server decides by its type what it means, in every query mode alike. Arrays, nested ones too and with
   * nulls inside, become arrays (`$1::real[]`), for json and jsonb JSON; `Uint8Array` and `ArrayBuffer` bytea; `Date` timestamptz; other
   * objects JSON, a bigint in it with all its digits. An invalid `Date` is a TypeError.
   */
  export type Parameter = import('../../workload/workload.ts').Parameter | ArrayBuffer

  /**
   * smallint, integer, oid: number. real, double precision: number (a real as the double that equals it, NaN and infinities
   * as themselves). bigint: number up to ±(2^53−1), beyond that string. numeric: number where a double equals it, else
   * string. boolean: boolean. bytea: bytes that can be indexed. Arrays (int2vector and oidvector, too): arrays of these. A domain: what
   * its base type is. NULL: null. timestamptz: ISO 8601 in UTC, to the microsecond; timestamp: likewise without Z. All else: string as
   * Postgres writes it. In every query mode, whatever the session's settings are.
   */
  export type Value = number | string | boolean | null | ArrayLike<number> | Value[]

  /** By column name; of columns of one name, the last. */
  export type Row = Record<string, Value>

  export interface Database {
    /**
     * Reads the whole result, so that each error is thrown, also one that comes after the first row.
     * @throws `ERROR: division by zero (SQLSTATE 22012)`, with `; detail: …` and `; hint: …` where the server gave them;
     * without an SQLSTATE where the connection broke. Its `kind` is `SQLSTATE 22012`, or `ECONNREFUSED`, `connection closed`, …: then the query may have been executed, and is not sent again
     */
    query(text: string, ...parameters: Parameter[]): Row[]
    /**
     * As `query`, but the value itself where the result is one row of one column; rows where it is anything else. An array is a
     * value, too: where there may be no row, it cannot be told from an empty one. Not in xk6-sql: it spares the
     * client a list and a row to take the value from.
     */
    queryValue(text: string, ...parameters: Parameter[]): Value | Row[]
    /**
     * As `queryValue`, with one of the sets: nothing of a virtual user's own is read for a query, and nothing made. Not in xk6-sql.
     * @param index of the set, from 0
     * @throws {TypeError} where there is none, or `sets` is something else
     */
    queryValueOf(text: string, sets: ParameterSets, index: number): Value | Row[]
    /** As `query`, with one of the sets, as `queryValueOf`. Not in xk6-sql. */
    queryOf(text: string, sets: ParameterSets, index: number): Row[]
    /**
     * @param timeout a duration as `500ms`, after which the query is cancelled on the server
     * @throws `context deadline exceeded: …`; the connection is closed, the next query opens another
     */
    queryWithTimeout(timeout: string, text: string, ...parameters: Parameter[]): Row[]
    /** As `query`, for statements without a result. */
    exec(text: string, ...parameters: Parameter[]): { rowsAffected(): number }
    /** As `queryWithTimeout`, for statements without a result. */
    execWithTimeout(timeout: string, text: string, ...parameters: Parameter[]): { rowsAffected(): number }
    /**
     * Connections that were opened in the place of one that was lost, whether or not a query failed by it. Not in xk6-sql;
     * undefined but for a pool of a single connection, or one that all virtual users share (`pool=10`): there it is those that this one opened.
     */
    replaced(): number | undefined
    /** Closes the pool's connections; a query after it throws. */
    close(): void
  }

  /**
   * Opens a pool for this virtual user; connections are made when they are needed.
   * @throws where the connection string cannot be read, or its `query_mode` is unknown
   */
  export function open(driver: Driver, connectionString: string, options?: Options): Database

  /** What {@link parameterSets} returns; all virtual users share what it means. */
  export interface ParameterSets {
    readonly parameterSets: unique symbol
  }

  /**
   * Parameters of many queries, kept once for all virtual users, as k6's SharedArray keeps its elements; but to use one parses and copies
   * nothing. Not in xk6-sql.
   * @param name the first virtual user to call it with this name has `read` called; for the others it is not
   * @param read returns an array of arrays, `$1` first in each; what it holds is copied
   * @throws {TypeError} where it returns anything else
   */
  export function parameterSets(name: string, read: () => readonly (readonly Parameter[])[]): ParameterSets
  const sql: { open: typeof open; parameterSets: typeof parameterSets }
  export default sql
}

/**
 * Our driver. `query_mode=simple|extended|prepared` in the connection string says how queries are sent, in the words of
 * pgbench; absent: prepared. `pool=10`: all virtual users with the same string share ten connections. `query_timeout=10`:
 * most seconds of a query; absent: as many as it takes.
 */
declare module 'k6/x/sql/driver/pgx' {
  const driver: import('k6/x/sql').Driver
  export default driver
}
