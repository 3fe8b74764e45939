/** The null server on free loopback ports: what a target would be that takes no time. */
import { mkdir, readFile } from 'node:fs/promises'
import { z } from 'zod'
import { inCache, nullServerBinary } from '../build/paths.ts'
import { type HttpAddress, httpAddress } from './address/http.ts'
import { type PostgresAddress, postgresAddress } from './address/postgres.ts'
import { boundToParent, type Server, startServer } from './server.ts'

export interface NullServer extends Server {
  postgresUrl: PostgresAddress
  pythonUrl: HttpAddress
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
  return {
    ...server,
    postgresUrl: postgresAddress(`postgres://null@${found?.postgres}/null?sslmode=disable`),
    pythonUrl: httpAddress(`http://${found?.http}/`),
  }
}
