/** A proxy of ours that puts a round trip of a known length before whoever answers (extension-sql/distance). */
import { mkdir } from 'node:fs/promises'
import { z } from 'zod'
import { answered } from '../build/answered.ts'
import { BadInput, CouldNotMeasure } from '../build/failure.ts'
import { distanceBinary, inCache } from '../build/paths.ts'
import type { HttpAddress } from './address/http.ts'
import type { PostgresAddress } from './address/postgres.ts'
import type { Address } from './asker.ts'
import { type Server, startTelling } from './server.ts'

const host = z.string()
const listening = z.object({ control: host, links: z.array(host) })
const told = z.object({ addedMs: z.number() })

/** Milliseconds that are added to each round trip. */
export interface Wanted {
  roundTripMs: number
  /** By how much they differ from one to the next, from the least to the most. */
  jitterMs: number
}

export interface Distance extends Server {
  /** Where each link is entered, in the order in which it was told where they lead. */
  readonly links: readonly string[]
  /** From now on. @returns what a null operation by itself found to be added */
  set(wanted: Wanted): Promise<number>
  /** What is added now. */
  prove(): Promise<number>
}

/** @param to where the links lead: host:port @param name of its log */
export async function startDistance(
  to: readonly string[],
  name: string,
  signal?: AbortSignal,
): Promise<Distance> {
  const home = inCache('distance')
  await mkdir(home, { recursive: true })
  const { server, said } = await startTelling(listening, {
    name: 'the proxy that adds distance',
    command: [distanceBinary],
    input: JSON.stringify(to),
    log: `${home}/${name}.log`,
    signal,
  })
  const { control, links } = said
  const ask = (path: string, body?: Wanted) =>
    answered(
      'the proxy that adds distance',
      async (given) => {
        const response = await fetch(`http://${control}${path}`, {
          method: 'POST',
          signal: given,
          ...(body && { body: JSON.stringify(body) }),
        })
        const text = await response.text()
        if (!response.ok) throw new CouldNotMeasure(`The proxy that adds distance says: ${text.trim()}`)
        return told.parse(JSON.parse(text)).addedMs
      },
      // Some hundred round trips of up to seconds.
      { seconds: 300, signal },
    )
  return { ...server, links, set: (wanted) => ask('/set', wanted), prove: () => ask('/prove') }
}

const isWhole = (mode: string) => mode === 'disable' || mode === 'prefer' || mode === 'allow'

/** Where a proxy in front of it would lead. @throws {BadInput} where none can stand there */
export function placeOf(address: Address, name: string): string {
  const refuse = (why: string): never => {
    throw new BadInput(
      `${name} ${why}: no distance can be put before it`,
      'Leave it out by --links, or name an address without that',
    )
  }
  if (address.protocol === 'http') {
    const { host: place, isSecured } = address as HttpAddress
    if ((address as HttpAddress).each().length > 1) refuse('has several hosts')
    if (isSecured) refuse('is asked by TLS, whose certificate is of its own host')
    return place.includes(':', place.lastIndexOf(']') + 1) ? place : `${place}:80`
  }
  const { hosts, sslMode } = address as PostgresAddress
  const [first, ...more] = hosts
  if (!first || more.length > 0) return refuse('has several hosts')
  if (first.isSocket) refuse('is asked by a socket of this machine')
  if (!isWhole(sslMode)) refuse('is asked by TLS, whose certificate is of its own host')
  return first.host.includes(':') ? `[${first.host}]:${first.port}` : `${first.host}:${first.port}`
}

/** The same by another way. @param place host:port of the link's beginning */
export function through(address: Address, place: string): Address {
  if (address.protocol === 'http') return (address as HttpAddress).onHost(place)
  const [name = '', port = ''] = place.split(':')
  return (address as PostgresAddress).with({ host: name, port })
}
