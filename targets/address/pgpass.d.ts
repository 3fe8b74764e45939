/** pgpass has no types of its own. */
declare module 'pgpass' {
  export interface PasswordFor {
    host?: string
    port?: number
    database?: string
    user?: string
  }
  export default function pgpass(about: PasswordFor, found: (password: string | undefined) => void): void
}
