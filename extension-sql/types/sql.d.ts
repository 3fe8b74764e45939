/** xk6-sql 1.0.5, as far as scenarios use it (https://github.com/grafana/xk6-sql). */
declare module 'k6/x/sql' {
  /** A driver, as `k6/x/sql/driver/…` exports it. */
  export type Driver = symbol

  export interface Options {
    /** Most connections of this virtual user's pool; 0: no limit. */
    max_open_conns?: number
    max_idle_conns?: number
    /** Durations as `30s`. */
    conn_max_lifetime?: string
    conn_max_idle_time?: string
  }

  export type Parameter =
    | number
    | bigint
    | string
    | boolean
    | null
    | Date
    | Uint8Array
    | ArrayBuffer
    | readonly Parameter[]
    | { readonly [key: string]: unknown }

  export type Value = number | bigint | string | boolean | null | ArrayLike<number> | Value[]

  export type Row = Record<string, Value>

  export interface Database {
    /** @throws with severity, message and SQLSTATE where the server refused it */
    query(text: string, ...parameters: Parameter[]): Row[]
    /** @param timeout a duration as `500ms`, after which the query is cancelled on the server */
    queryWithTimeout(timeout: string, text: string, ...parameters: Parameter[]): Row[]
    exec(text: string, ...parameters: Parameter[]): { rowsAffected(): number }
    execWithTimeout(timeout: string, text: string, ...parameters: Parameter[]): { rowsAffected(): number }
    close(): void
  }

  /** Opens a pool for this virtual user; connections are made when they are needed. */
  export function open(driver: Driver, connectionString: string, options?: Options): Database
  const sql: { open: typeof open }
  export default sql
}

/** Our driver; `query_mode=simple|extended|prepared` in the connection string says how queries are sent. */
declare module 'k6/x/sql/driver/pgx' {
  const driver: import('k6/x/sql').Driver
  export default driver
}
