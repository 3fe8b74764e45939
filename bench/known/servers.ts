/** `bin/null-server` with listeners that are slow in a known way (extension-sql/README.md), and the workload that asks them. */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { locked } from '../../build/lock.ts'
import { nullServer } from '../../build/null-server.ts'
import { inCache, nullServerBinary, root } from '../../build/paths.ts'
import { doStep } from '../../build/step.ts'
import { show } from '../../cli/progress.ts'
import { readTargets, type Targets, withTargets } from '../../cli/targets.ts'
import { type Folder, withResults } from '../../report/results.ts'
import { forK6 } from '../../targets/address/clients.ts'
import { httpAddress } from '../../targets/address/http.ts'
import { postgresAddress } from '../../targets/address/postgres.ts'
import type { Address } from '../../targets/asker.ts'
import { type Server, startTelling } from '../../targets/server.ts'

const knownWorkload = path.join(root, 'bench', 'known', 'workload.ts')

export type Protocol = 'sql' | 'http'

/** What a listener answers, by its protocol: what the workloads of these programs expect. */
const answers: Record<Protocol, object> = {
  http: {
    status: 200,
    // The Date is the present one: parts of a comparison look how far their clocks are from it.
    headers: { 'Content-Type': ['application/json'], Date: [''] },
    body: Buffer.from('[1.0]').toString('base64'),
  },
  sql: {
    columns: [{ name: 'prediction', oid: 700, size: 4, modifier: -1 }],
    rows: [[Buffer.from('1').toString('base64')]],
    tag: 'SELECT 1',
  },
}

export interface Listener {
  protocol: Protocol
  /** How long an answer takes; absent: it leaves at once. */
  pace?: object
}

export interface KnownServer extends Server {
  /** host:port of each listener. */
  places: string[]
}

export const addressAt = (protocol: Protocol, place: string): Address =>
  protocol === 'sql'
    ? postgresAddress(`postgres://null@${place}/null?sslmode=disable`)
    : httpAddress(`http://${place}/`)

export async function startKnown(
  name: string,
  listeners: readonly Listener[],
  folder: string,
  signal?: AbortSignal,
): Promise<KnownServer> {
  await mkdir(folder, { recursive: true })
  const { server, said: places } = await startTelling(z.array(z.string()).nonempty(), {
    name,
    signal,
    log: path.join(folder, 'server.log'),
    command: [nullServerBinary, '-answers'],
    input: JSON.stringify(
      listeners.map(({ protocol, pace }) => ({ protocol, ...answers[protocol], ...pace })),
    ),
  })
  return { ...server, places }
}

export interface Known {
  targets: Targets
  /** host:port by the variable. */
  places: Readonly<Record<string, string>>
  /** Addresses by their variables, those that the workload does not name included. */
  addresses: readonly { address: string; to: Address }[]
  left: Folder & { said(): string }
}

/** Builds what is needed, starts the listeners, by the variables that the workload and what derives from it name, and ends them again. */
export async function withKnown<T>(
  name: string,
  listeners: Readonly<Record<string, Listener>>,
  signal: AbortSignal,
  work: (known: Known) => Promise<T>,
): Promise<T> {
  await locked(() => show.one(nullServer.title, (progress) => doStep(nullServer, { progress, signal })))
  const folder = inCache('bench', name)
  const server = await startKnown(`the server of ${name}`, Object.values(listeners), folder, signal)
  try {
    const variables = Object.keys(listeners)
    const places = Object.fromEntries(variables.map((variable, at) => [variable, server.places[at] ?? '']))
    const addresses = Object.entries(listeners).map(([variable, { protocol }]) => ({
      address: variable,
      to: addressAt(protocol, places[variable] ?? ''),
    }))
    for (const { address, to } of addresses) process.env[address] = forK6(to)
    const read = await readTargets({ workload: knownWorkload })
    return await withResults((left) =>
      withTargets(read, signal, (targets) => work({ targets, places, addresses, left })),
    )
  } finally {
    await server.stop()
  }
}
