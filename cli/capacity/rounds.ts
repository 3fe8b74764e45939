/** Measures rounds of a search: each side at a rate of its own, the null server beside them, and new targets where these are ours. */
import type { Objective, Point } from '../../gap/capacity/evidence.ts'
import { pointsOf } from '../../gap/capacity/points.ts'
import type { Measurement } from '../../gap/measurement.ts'
import type { Folder } from '../../report/results.ts'
import { type NullServer, startNullServer } from '../../targets/null-server.ts'
import { sample } from '../../targets/parity.ts'
import { allSides } from '../../workload/resolve.ts'
import { type BlockSettings, measureBlocks } from '../k6.ts'
import { lengthOf } from '../length.ts'
import { countdown } from '../progress.ts'
import { predictingSides, type Targets } from '../targets.ts'

/** Requests a second by side; one that is not named rests. */
export type Round = Readonly<Record<string, number>>

export interface RoundSettings {
  /** The most virtual users. */
  clients: number
  arrivals: 'even' | 'poisson'
  /** Seconds of each side in a round, two turns of half as much. */
  block: number
  /** Seconds, at most. */
  warmup: number
  seed: number
  queryMode: BlockSettings['queryMode']
  pool?: number
}

/** Share of each turn that does not count: a queue begins empty. */
const lead = 0.2

/** The null operation of a side: the word that asks for it, and its key. */
const nullWord = (side: string) => `${side}:null`
export const nullKey = (side: string) => `${side}-null`

export class Rounds {
  readonly points: Point[] = []
  readonly measured: Measurement[] = []
  readonly #settings: RoundSettings
  readonly #targets: Targets
  readonly #left: Folder
  readonly #signal: AbortSignal
  readonly #objectiveOf: (side: string) => Objective
  #sessions = 0
  #nullServer?: NullServer

  constructor(
    settings: RoundSettings,
    objectiveOf: (side: string) => Objective,
    targets: Targets,
    left: Folder,
    signal: AbortSignal,
  ) {
    this.#settings = settings
    this.#objectiveOf = objectiveOf
    this.#targets = targets
    this.#left = left
    this.#signal = signal
  }

  async stop(): Promise<void> {
    await this.#nullServer?.stop()
  }

  /**
   * One session: a k6 process of its own, and targets anew where they are ours.
   * @param beside also the null server, in the last of the rounds and at the same rates
   * @returns what it saw, the null servers' points among them, and the measurement as it is
   */
  async session(
    rounds: readonly Round[],
    progress: (what: string) => void,
    { beside = true }: { beside?: boolean } = {},
  ): Promise<{ points: Point[]; measurement: Measurement }> {
    const session = ++this.#sessions
    if (session > 1 && this.#targets.restart) {
      progress('starting the targets anew')
      await this.#targets.restart()
    }
    const working = allSides(this.#targets.workload).filter((side) => rounds.some((round) => side in round))
    if (beside && !this.#nullServer) this.#nullServer = await this.#startNullServer()
    const last = rounds.at(-1) as Round
    const nulls = Object.fromEntries(Object.entries(last).map(([side, rate]) => [nullKey(side), rate]))
    const rates = beside ? [...rounds.slice(0, -1), { ...last, ...nulls }] : rounds
    const { clients, arrivals, block, seed, ...settings } = this.#settings
    const all: BlockSettings = {
      ...settings,
      sides: [...(beside ? Object.keys(last).map(nullWord) : []), ...working],
      clients: [clients],
      pairs: rates.length,
      rates,
      open: { arrivals, turnSeconds: block / 2, lead },
      block,
      // Other arrivals and other keys.
      seed: seed + session,
    }
    const measurement = await countdown(lengthOf(all), progress, () =>
      measureBlocks(
        all,
        this.#targets,
        this.#left.below(`session-${session}`),
        this.#signal,
        undefined,
        this.#nullServer?.addresses ?? [],
      ),
    )
    const points = pointsOf(measurement, session, (key) => this.#objectiveOf(this.#baseOf(key)))
    this.points.push(...points)
    this.measured.push(measurement)
    return { points, measurement }
  }

  /** A null server is held to the objective of its side. */
  #baseOf(key: string): string {
    return allSides(this.#targets.workload).find((side) => nullKey(side) === key) ?? key
  }

  #startNullServer(): Promise<NullServer> {
    const { keys, asked } = this.#targets
    const [key] = sample(keys, 1, this.#settings.seed)
    return startNullServer(predictingSides(this.#targets), key, asked)
  }
}
