/** The environment in which a program over libpq connects to an address: pgbench, psql. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { forLibpq, serviceName } from '../address/clients.ts'
import type { PostgresAddress } from '../address/postgres.ts'

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

export function libpqEnvironment(address: PostgresAddress): Record<string, string> {
  const { env, service } = forLibpq(address)
  return service ? { ...env, PGSERVICEFILE: serviceFile(service), PGSERVICE: serviceName } : env
}
