/** `inference-gap compare --distance`: the same comparison with a round trip more on each link, as a network would have it. */
import { BadInput } from '../build/failure.ts'
import { type AtDistance, distancePremise, distanceRows, slopes } from '../gap/distance.ts'
import { type Premise, premisesOf } from '../gap/premises.ts'
import type { DistanceRun } from '../report/distance/run.ts'
import { distanceTerminal } from '../report/distance/terminal.ts'
import type { Results } from '../report/results.ts'
import { type Distance, placeOf, startDistance, through } from '../targets/distance.ts'
import { machine } from '../targets/facts.ts'
import type { StoreBy } from '../targets/stack.ts'
import { allSides } from '../workload/resolve.ts'
import { shortened } from '../workload/shortened.ts'
import { exitCode } from './exit-codes.ts'
import { refuseBroken } from './premises.ts'
import { show } from './progress.ts'
import { type SessionSettings, Sessions } from './sessions.ts'
import { othersOf, type ReadTargets, type Targets } from './targets.ts'

export interface DistanceOptions {
  /** Milliseconds of a round trip. */
  distance: readonly number[]
  /** From the least to the most, in milliseconds; absent: none. */
  jitter?: number
  /** Names of what distance is put before; absent: all. */
  links?: readonly string[]
}

/** What the embedded service asks besides. */
export const storeLink = 'store'

/** The way to the feature store, which the service is told when it starts. */
export class StoreWay {
  readonly #signal: AbortSignal
  #proxy?: Distance
  /** Whether the service is to go by the proxy when it next starts. */
  isFar = false

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  readonly by: StoreBy = async (place) => {
    this.#proxy ??= await startDistance([place], storeLink, this.#signal)
    return this.isFar ? (this.#proxy.links[0] ?? place) : place
  }

  get proxies(): Distance[] {
    return this.#proxy ? [this.#proxy] : []
  }
}

/** All where none is named. @throws {BadInput} where one of them is no link, or nothing can stand before an address of the user's own */
export function linksOf(
  given: readonly string[] | undefined,
  { workload, isEmbedded, addresses }: Pick<ReadTargets, 'workload' | 'isEmbedded' | 'addresses'>,
): string[] {
  const known = [...allSides(workload), ...(isEmbedded ? [storeLink] : [])]
  const wrong = given?.find((name) => !known.includes(name))
  if (wrong !== undefined)
    throw new BadInput(
      `--links ${shortened(wrong)}: there is no such link; expected some of ${known.join(', ')}`,
    )
  const links = given ? known.filter((name) => given.includes(name)) : known
  for (const { name, of = name, address } of [...workload.sides, ...workload.beside]) {
    const own = addresses.get(address)
    if (own && links.includes(of)) placeOf(own, name)
  }
  return links
}

/** Addresses by their variables, each with its place among the proxy's links. What is asked beside a side is as far away as the side. */
function placesOf(links: readonly string[], targets: Targets): Map<string, string> {
  const { workload, loadAddressOf } = targets
  return new Map(
    [...workload.sides, ...othersOf(targets)]
      .filter(({ name, of = name }) => links.includes(of))
      .map((side) => [side.address, placeOf(loadAddressOf(side), side.name)]),
  )
}

/** With a side's address replaced by the link's beginning. */
function farTargets(targets: Targets, places: Map<string, string>, proxy: Distance): Targets {
  const entered = new Map(
    [...places.keys()].map((variable, index) => [variable, proxy.links[index] as string]),
  )
  return {
    ...targets,
    loadAddressOf: (side) => {
      const address = targets.loadAddressOf(side)
      const place = entered.get(side.address)
      return place === undefined ? address : through(address, place)
    },
  }
}

/** @returns the exit code */
export async function distances(
  {
    distance: wanted,
    jitter = 0,
    links,
    ...settings
  }: SessionSettings & DistanceOptions & { links: readonly string[]; command: string },
  targets: Targets,
  store: StoreWay,
  { left, startedAt }: { left: Results<DistanceRun>; startedAt: Date },
  signal: AbortSignal,
): Promise<number> {
  const places = placesOf(links, targets)
  const proxies = links.includes(storeLink) ? store.proxies : []
  let clientProxy: Distance | undefined
  const at = new Map<number, { sessions: Sessions; addedMs: number[] }>()
  try {
    if (places.size > 0)
      clientProxy = await show.one('Start the proxy that adds distance', () =>
        startDistance([...places.values()], 'clients', signal),
      )
    const all = [...(clientProxy ? [clientProxy] : []), ...proxies]
    const far = clientProxy ? farTargets(targets, places, clientProxy) : targets
    for (const ms of wanted)
      at.set(ms, {
        addedMs: [],
        sessions: new Sessions(
          { ...settings, sessions: 1, of: settings.sessions, name: `${ms} ms, ` },
          ms > 0 ? far : targets,
          left.below(`${ms}-ms`),
          signal,
        ),
      })
    const found = new Map<number, AtDistance>()
    let isFirst = true
    for (let session = 1; session <= settings.sessions; session++)
      // What is first fares otherwise than what is last: the order is turned round from one session to the next.
      for (const ms of session % 2 === 1 ? wanted : [...wanted].reverse()) {
        const { sessions, addedMs } = at.get(ms) as { sessions: Sessions; addedMs: number[] }
        store.isFar = ms > 0 && links.includes(storeLink)
        // Sessions start targets anew from their second on.
        if (session === 1 && (!isFirst || ms > 0)) await targets.restart?.()
        isFirst = false
        if (ms > 0)
          for (const proxy of all) addedMs.push(await proxy.set({ roundTripMs: ms, jitterMs: jitter }))
        const measurement = await sessions.measure()
        if (ms > 0) for (const proxy of all) addedMs.push(await proxy.prove())
        found.set(ms, { roundTripMs: ms, addedMs: ms > 0 ? addedMs : [0], measurement })
      }
    const measured = wanted.map((ms) => found.get(ms) as AtDistance)
    const premises: Premise[] = [
      distancePremise(measured),
      ...measured.flatMap(({ roundTripMs, measurement }) =>
        premisesOf(measurement).map((premise) => ({
          ...premise,
          name: `${roundTripMs} ms, ${premise.name}`,
        })),
      ),
    ]
    const { published } = targets.workload
    const run: DistanceRun = {
      startedAt: startedAt.toISOString(),
      command: settings.command,
      machine: machine(),
      rows: distanceRows(measured),
      last: allSides(targets.workload).at(-1) ?? '',
      slopes: slopes(measured),
      links,
      jitterMs: jitter,
      rate: settings.rate ?? 0,
      premises,
      published,
      added: measured.map(({ roundTripMs, addedMs }) => ({ roundTripMs, addedMs })),
      measurements: measured.map(({ measurement }) => measurement),
    }
    await left.leave(run)
    process.stdout.write(`${distanceTerminal(run)}\n\n${left.said()}\n`)
    refuseBroken(premises, left.folder)
    return exitCode.pass
  } finally {
    for (const { sessions } of at.values()) await sessions.stop()
    await clientProxy?.stop()
  }
}
