/** Several servers as one address, as libpq has it. */
import type { PostgresServer } from './server.ts'

/** One address of all of them, which differ in their ports. */
export function severalHosts(servers: readonly PostgresServer[]): string {
  const urls = servers.map(({ url }) => new URL(url))
  const [first] = urls as [URL]
  return first.href.replace(first.host, urls.map(({ host }) => host).join())
}
