/** The null server on free loopback ports: what a side would be that takes no time. */
import { mkdir, readFile } from 'node:fs/promises'
import { z } from 'zod'
import { inCache, nullServerBinary } from '../build/paths.ts'
import { nullVariable } from '../workload/resolve.ts'
import type { AnyKey, Side } from '../workload/workload.ts'
import { httpAddress } from './address/http.ts'
import { postgresAddress } from './address/postgres.ts'
import type { Address } from './asker.ts'
import { boundToParent, type Server, startServer } from './server.ts'

export interface NullServer extends Server {
  /** Where null operations of the sides are asked, by the variables that scenarios name. */
  addressesOf(sides: readonly Side<AnyKey>[]): { address: string; to: Address }[]
}

const addresses = z.object({ http: z.string(), postgres: z.string() })

export async function startNullServer(signal?: AbortSignal): Promise<NullServer> {
  const home = inCache('null-server')
  await mkdir(home, { recursive: true })
  const log = `${home}/server.log`
  let found: z.infer<typeof addresses> | undefined
  const server = await startServer({
    name: 'the null server',
    command: boundToParent([nullServerBinary], 'SIGTERM'),
    log,
    stopSignal: 'SIGTERM',
    signal,
    ready: async () => {
      try {
        found = addresses.parse(JSON.parse(await readFile(log, 'utf8')))
        return true
      } catch {
        return false
      }
    },
  })
  const to = {
    sql: postgresAddress(`postgres://null@${found?.postgres}/null?sslmode=disable`),
    http: httpAddress(`http://${found?.http}/`),
  }
  return {
    ...server,
    addressesOf: (sides) =>
      sides.map(({ name, protocol }) => ({ address: nullVariable(name), to: to[protocol] })),
  }
}
