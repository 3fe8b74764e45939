/** The environment in which a program over libpq connects to an address: pgbench, psql. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { CouldNotMeasure } from '../../build/failure.ts'
import { probe } from '../../build/probe.ts'
import { postgresInstallation } from '../../build/python.ts'
import { forLibpq, serviceName } from '../address/clients.ts'
import type { PostgresAddress } from '../address/postgres.ts'
import { isEncrypted, withClient } from './client.ts'

/** By content: the same address needs one file. */
const serviceFiles = new Map<string, string>()

function serviceFile(lines: string): string {
  const known = serviceFiles.get(lines)
  if (known) return known
  const folder = mkdtempSync(path.join(os.tmpdir(), 'inference-gap-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'pg_service.conf')
  writeFileSync(file, lines, { mode: 0o600 })
  serviceFiles.set(lines, file)
  return file
}

/**
 * pgbench for an address: the one that comes with Postgres, whose build has no TLS, or where the server is spoken to by TLS the one
 * on the path. By another kind of connection its figure would be one of something else.
 * @throws {CouldNotMeasure} where there is none
 */
export async function pgbenchFor(address: PostgresAddress, signal?: AbortSignal): Promise<string> {
  const isSecured = await withClient(address, async (client) => isEncrypted(client), { signal })
  if (!isSecured) return path.join(await postgresInstallation(), 'bin', 'pgbench')
  if (probe('pgbench', '--version') !== undefined) return 'pgbench'
  throw new CouldNotMeasure(
    `Postgres at ${address} is spoken to by TLS, which the pgbench that comes with us does not know, and there is none on the path`,
    'Install one (Debian: apt install postgresql-contrib), or give the address sslmode=disable where that is allowed',
  )
}

export function libpqEnvironment(address: PostgresAddress): Record<string, string> {
  const { env, service } = forLibpq(address)
  return service ? { ...env, PGSERVICEFILE: serviceFile(service), PGSERVICE: serviceName } : env
}
