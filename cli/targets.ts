/** The targets that a command works on: the embedded ones, set up and started, or those whose addresses were given. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { bundleWorkload } from '../build/bundles.ts'
import { BadInput } from '../build/failure.ts'
import { locked } from '../build/lock.ts'
import { beside, flightsFile, type LoadedWorkload, loadWorkload } from '../build/workload.ts'
import { preparedFlights } from '../datasets/flights.ts'
import type { Keys } from '../datasets/keys.ts'
import type { Prepared } from '../datasets/prepared.ts'
import type { Scale } from '../datasets/scaled.ts'
import type { GivenTable } from '../datasets/table.ts'
import type { Thresholds } from '../gap/bounds.ts'
import { readThresholds } from '../gap/thresholds.ts'
import { forK6 } from '../targets/address/clients.ts'
import { type HttpAddress, httpAddress } from '../targets/address/http.ts'
import { type PostgresAddress, postgresAddress } from '../targets/address/postgres.ts'
import type { Address, Asked } from '../targets/asker.ts'
import type { AskedSide } from '../targets/parity.ts'
import { refuseTaken } from '../targets/port.ts'
import type { Stack, StoreBy } from '../targets/stack.ts'
import { isHeaderValue } from '../workload/http.ts'
import { allSides, predicts } from '../workload/resolve.ts'
import type { AnyKey, QueryMode, Side, SqlSide, Variables } from '../workload/workload.ts'
import { preparedTable, scaledFlights, workloadFileOf } from './data.ts'
import { askedKeys, keysInFile, keysOfPrepared, usualSeed } from './keys.ts'
import { show } from './progress.ts'
import { buildSteps, measuringSteps, scaling, setupSteps } from './setup.ts'

export interface GivenTargets {
  /** The file that says what is asked, and of whom; absent: the flights. */
  workload?: string
  /** A table of the user's own, in the place of the flights. */
  table?: GivenTable
  /** The flights in another number. */
  scale?: Scale
  /** Exponent of Zipf's law, by which keys are drawn in the place of what the workload says. */
  zipf?: number
  /** Ports of the embedded targets; default: free ones. */
  postgresPort?: number
  pythonPort?: number
  /** Of the flights: targets that run already; both or none. */
  postgresUrl?: PostgresAddress
  pythonUrl?: HttpAddress
  /** In the place of the workload's own. */
  keys?: string
  /** How the embedded service reads and writes bodies. */
  serializer?: 'json' | 'orjson' | 'msgpack'
  /** PgBouncer before the embedded Postgres. */
  pgbouncer?: boolean
  /** Rows in the embedded feature store, about; keys are then drawn from those that it has. */
  storeRows?: number
  /** A file with certificates of the user's own. */
  ca?: string
  /** Streaming replicas of the embedded Postgres. */
  replicas?: number
  /** By which way the embedded service asks its feature store; absent: directly. */
  storeBy?: StoreBy
}

/** What is done with them, as far as not all targets will do. */
interface Use {
  /** Connections to a database that all clients share. */
  pool?: number
  /** Of sides that say none themselves. */
  queryMode?: QueryMode
  /** By which keys are drawn where there are more than can be held. */
  seed?: number
  /** Why it can be done to the embedded targets alone, in words; absent: to any. */
  onlyEmbedded?: string
}

export interface Targets {
  workload: LoadedWorkload
  /** The bundle of the comparison, and of each side. */
  scenarios: string
  /** Address of a side, as it is now: a restart may change it. */
  addressOf(side: Pick<Side<AnyKey>, 'name' | 'address'>): Address
  /** Where load goes in its place: a pool in front of it. */
  loadAddressOf(side: Pick<Side<AnyKey>, 'name' | 'address'>): Address
  /** What k6 needs besides addresses. */
  variables: Readonly<Record<string, string>>
  /** All that can be asked for, or those that were drawn from more. */
  keys: readonly AnyKey[]
  /** How many there are to ask for. */
  keysInAll: number
  /** What the embedded targets are loaded with, in words; absent: the bundled flights. */
  rows?: string
  /** The same as JSON, for k6. */
  keysFile: string
  /** For asking from Node. */
  asked: Asked
  /** Absent where the targets are someone else's. */
  restart?: () => Promise<void>
  /** The embedded targets; absent where none was started. */
  stack?: Stack
}

/** The sides whose answers are predictions, as declared, with their addresses. */
export const predictingSides = ({ workload, addressOf }: Targets): AskedSide[] =>
  workload.sides.filter(predicts).map((side) => ({ side, address: addressOf(side) }))

/** What the workload asks beside its sides, as far as it can be: some are there where a target is ours, or where one was asked for. */
export const othersOf = ({ workload, stack }: Targets): Side<AnyKey>[] => {
  const started = stack?.addresses()
  return workload.beside.filter((side) => (started ? side.address in started : !side.embedded))
}

/** What an address looks like, for messages. */
export const addressForms = {
  sql: 'postgres://user:password@host:5432/database',
  http: 'http://host:8000/',
} as const

/** @throws {BadInput} naming the variable and the side */
function readAddress(side: Side<AnyKey>, variables: Variables, ca: string | undefined): Address {
  const { address: name, protocol } = side
  const text = variables[name]
  const how = `export ${name}='${addressForms[protocol]}'`
  if (!text) throw new BadInput(`${name} is not set; it has the address of ${side.name}`, `Set it: ${how}`)
  try {
    return protocol === 'sql'
      ? postgresAddress(text, { name, environment: variables, ca })
      : httpAddress(text, { name, ca })
  } catch (error) {
    if (!(error instanceof BadInput) || error.hint) throw error
    throw new BadInput(error.message, `It has the address of ${side.name}: ${how}`)
  }
}

/** Of a workload that is not the flights, or of the flights on targets of someone else's. */
function addressesOf({ sides, beside: others }: LoadedWorkload, given: GivenTargets): Map<string, Address> {
  const own = new Map<string, Address>()
  const { postgresUrl, pythonUrl } = given
  if (postgresUrl) own.set('POSTGRES_URL', postgresUrl)
  if (pythonUrl) own.set('PYTHON_URL', pythonUrl)
  for (const side of [...sides, ...others.filter(({ embedded }) => !embedded)])
    if (!own.has(side.address)) own.set(side.address, readAddress(side, process.env, given.ca))
  return own
}

/** @throws {BadInput} where a header's variable is not set */
function checkHeaders({ sides, beside: others }: LoadedWorkload, variables: Variables): void {
  for (const side of [...sides, ...others]) {
    if (side.protocol !== 'http') continue
    for (const [header, value] of Object.entries(side.headers ?? {})) {
      if (typeof value !== 'object') continue
      const text = variables[value.variable]
      if (!text)
        throw new BadInput(
          `${value.variable} is not set; ${side.name} sends it as the header ${header}`,
          `Set it: export ${value.variable}=…`,
        )
      if (!isHeaderValue(text))
        throw new BadInput(
          `${value.variable} (a value that is not shown) has a line break or another sign that the header ${header} of ${side.name} cannot hold`,
          'Set it without that: a file that holds it may end in a line break',
        )
    }
  }
}

/** Variables that the workload reads by itself, besides addresses: what it looks at, and the values of headers. */
function variablesOf(
  { sides, beside: others, reads }: LoadedWorkload,
  variables: Variables,
): Record<string, string> {
  const inHeaders = [...sides, ...others].flatMap((side) =>
    side.protocol === 'http'
      ? Object.values(side.headers ?? {}).flatMap((value) =>
          typeof value === 'object' ? value.variable : [],
        )
      : [],
  )
  return Object.fromEntries(
    [...reads, ...inHeaders].flatMap((name) => {
      const value = variables[name]
      // An empty one is not one that is not set: `variables.MODEL ?? 'a'` is to be the same to both halves.
      return value !== undefined ? [[name, value]] : []
    }),
  )
}

/** What the user wrote, read and looked at. */
export interface ReadTargets {
  given: GivenTargets
  workload: LoadedWorkload
  isEmbedded: boolean
  addresses: Map<string, Address>
  /** Undefined where they are drawn from the rows that are loaded, or a database is asked. */
  keys: Keys | undefined
  /** By which they are drawn. */
  seed: number
  /** What k6 needs besides addresses. */
  variables: Record<string, string>
  /** Of the user's own table, or of scaled flights; absent: the bundled ones. */
  prepared?: Prepared
}

/** What the embedded targets are made from, and the workload that asks for it; else what the user named. */
async function embeddedOf({
  table,
  scale,
  serializer,
  workload,
}: GivenTargets): Promise<{ prepared?: Prepared; file: string | undefined }> {
  if (scale) return scaledFlights(scale)
  if (!table) return { file: workload }
  const prepared = await preparedTable(table)
  return { prepared, file: await workloadFileOf(prepared, serializer) }
}

/** What cannot be had of such targets, or would have no effect on them. @throws {BadInput} naming the flag */
function refuseUnfit(
  { replicas, pgbouncer, storeRows, keys, serializer, pool, queryMode, onlyEmbedded }: GivenTargets & Use,
  { sides }: LoadedWorkload,
  { isOurs, isEmbedded }: { isOurs: boolean; isEmbedded: boolean },
): void {
  if (!isEmbedded && onlyEmbedded !== undefined)
    throw new BadInput(onlyEmbedded, 'Leave out --workload, --keys, --postgres-url and --python-url')
  if (!isEmbedded && replicas !== undefined)
    throw new BadInput(
      '--replicas are of the embedded Postgres; of your own, its address lists the hosts: postgres://me@a,b/shop',
      'Leave it out',
    )
  if (!isEmbedded && pgbouncer)
    throw new BadInput('--pgbouncer stands before the embedded Postgres only', 'Leave it out')
  if (storeRows !== undefined && (!isEmbedded || keys !== undefined))
    throw new BadInput(
      '--store-rows is for the embedded feature store, and keys are drawn from what it has',
      'Leave it out, or --workload, --keys, --postgres-url and --python-url',
    )
  if (!isOurs && serializer !== undefined && serializer !== 'json')
    throw new BadInput(
      `--serializer ${serializer} is for the flights; a workload says by bodyAs and answerAs what it sends and reads`,
      'Leave it out',
    )
  const inSql = sides.filter(({ protocol }) => protocol === 'sql') as SqlSide<AnyKey>[]
  if (pool !== undefined && inSql.length === 0)
    throw new BadInput(
      '--pool is of connections to a database, and no side of the workload speaks SQL',
      'Leave it out',
    )
  // Its default is no wish.
  if (queryMode !== undefined && queryMode !== 'prepared' && inSql.every(({ mode }) => mode !== undefined))
    throw new BadInput(
      `--query-mode ${queryMode}: no side of the workload speaks SQL without a mode of its own`,
      "Leave it out, or the side's mode",
    )
}

/** Before anything is built or started. @throws {BadInput} naming the file, flag or variable that does not fit */
export async function readTargets(given: GivenTargets & Use): Promise<ReadTargets> {
  const { seed = usualSeed } = given
  const { prepared, file } = await embeddedOf(given)
  const isOurs = prepared !== undefined || file === undefined || path.resolve(file) === flightsFile
  // The embedded service reads and writes as the flag says, whatever the user's environment holds.
  const variables = { ...process.env, ...(isOurs && { SERIALIZER: given.serializer ?? 'json' }) }
  const loaded = await loadWorkload(file, variables)
  const workload = given.zipf === undefined ? loaded : { ...loaded, draw: { zipf: given.zipf } }
  const isEmbedded = isOurs && given.postgresUrl === undefined
  refuseUnfit(given, workload, { isOurs, isEmbedded })
  checkHeaders(workload, process.env)
  const addresses = isEmbedded ? new Map<string, Address>() : addressesOf(workload, given)
  const areOfRows = isEmbedded && given.keys === undefined
  const keys = areOfRows ? undefined : await keysInFile(workload, given.keys, seed)
  await refuseTaken({ '--postgres-port': given.postgresPort, '--python-port': given.pythonPort })
  return {
    ...{ given, workload, isEmbedded, addresses, keys, seed },
    variables: variablesOf(workload, variables),
    ...(prepared && { prepared }),
  }
}

/** A workload alone. @throws {BadInput} */
export const readWorkload = (file?: string): Promise<LoadedWorkload> => loadWorkload(file, process.env)

/** The keys of a workload, from wherever they are. @throws {BadInput} */
export async function keysOf(workload: LoadedWorkload, signal: AbortSignal): Promise<Keys> {
  const inFile = await keysInFile(workload, undefined, usualSeed)
  if (inFile) return inFile
  return askedKeys(
    workload,
    (side) => readAddress(side as Side<AnyKey>, process.env, undefined),
    usualSeed,
    signal,
  )
}

/** The workload's thresholds file, absolute; undefined where it names none and none lies beside it. */
export function thresholdsFileOf(workload: LoadedWorkload): string | undefined {
  if (workload.thresholds !== undefined) return beside(workload, workload.thresholds)
  const usual = beside(workload, 'thresholds.json')
  return existsSync(usual) ? usual : undefined
}

/** What is expected: by the file that is given, else by the workload's. @throws {BadInput} */
export async function thresholdsOf(given: string | undefined, workload: LoadedWorkload): Promise<Thresholds> {
  const file = given ?? thresholdsFileOf(workload)
  return file === undefined ? {} : readThresholds(file, allSides(workload))
}

/**
 * Whatever was started has ended when this returns, however it returns.
 * @param how `forLoad` false: they are only asked from here, so that k6 need not be built; `beside`: what the workload asks beside
 * its sides is asked, too
 */
export function withTargets<T>(
  { given, workload, isEmbedded, addresses, keys, seed, variables, prepared }: ReadTargets,
  signal: AbortSignal,
  work: (targets: Targets) => Promise<T>,
  { forLoad = true, beside: others = false }: { forLoad?: boolean; beside?: boolean } = {},
): Promise<T> {
  return locked(async () => {
    const stack = isEmbedded
      ? new (await import('../targets/stack.ts')).Stack({
          ...{ signal, prepared },
          postgresPort: given.postgresPort,
          pythonPort: given.pythonPort,
          serializer: given.serializer,
          pgbouncer: given.pgbouncer,
          storeRows: given.storeRows,
          storeBy: given.storeBy,
          replicas: given.replicas,
          asked: [...workload.sides, ...(others ? workload.beside : [])].map(({ address }) => address),
        })
      : undefined
    try {
      await show(
        stack
          ? [
              ...(prepared ? buildSteps(signal) : setupSteps(signal)),
              ...(given.scale ? [scaling(given.scale, signal)] : []),
              ...stack.allSteps,
            ]
          : forLoad
            ? measuringSteps(signal)
            : [],
      )
      const asked: Asked = {
        answer: workload.answer,
        texts: workload.texts,
        variables: { ...process.env, ...variables },
        signal,
        askedAgain: new Map(),
      }
      const addressOf: Targets['addressOf'] = (side) => {
        const found = stack?.addresses()[side.address] ?? addresses.get(side.address)
        if (!found) throw new Error(`${side.name} has no address`)
        return found
      }
      const asking =
        keys ??
        (isEmbedded
          ? await keysOfPrepared({ ...(prepared ?? preparedFlights), ...stack?.stored }, workload.draw, seed)
          : await askedKeys(workload, addressOf, seed, signal))
      // Bundles of the flights, which ask for all of their keys evenly, lie ready.
      const isPlain =
        workload.file === flightsFile &&
        isEmbedded &&
        keys === undefined &&
        given.zipf === undefined &&
        given.storeRows === undefined
      const folder = isPlain
        ? undefined
        : await bundleWorkload(workload, {
            keys: asking.keys,
            draw: asking.draw ?? workload.draw,
            thresholds: thresholdsFileOf(workload),
          })
      return await work({
        workload,
        scenarios: folder ?? '',
        addressOf,
        loadAddressOf: (side) => stack?.loadAddresses()[side.address] ?? addressOf(side),
        variables,
        keys: asking.keys,
        keysInAll: asking.of,
        ...(prepared?.about && { rows: prepared.about }),
        keysFile: folder === undefined ? preparedFlights.keys : path.join(folder, 'keys.json'),
        asked,
        ...(stack && { restart: () => stack.restart(), stack }),
      })
    } finally {
      await stack?.stop()
    }
  })
}

/** Whole addresses by their variables, as k6 needs them: in its environment, where no other user of the machine can read them. */
export function wholeAddresses(sides: readonly { address: string; to: Address }[]): Record<string, string> {
  const ca = sides.find(({ to }) => to.protocol === 'http' && to.ca)?.to as HttpAddress | undefined
  return {
    ...Object.fromEntries(sides.map(({ address, to }) => [address, forK6(to)])),
    CA_FILE: ca?.ca ?? '',
  }
}
