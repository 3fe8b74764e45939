/** Measures rounds of a search: each side at a rate of its own, the null server beside them, and new targets where these are ours. */
import { notOfFamily } from '../../build/processes.ts'
import type { Objective, Point } from '../../gap/capacity/evidence.ts'
import { pointsOf } from '../../gap/capacity/points.ts'
import type { Round } from '../../gap/capacity/search.ts'
import type { Turns } from '../../gap/capacity/turns.ts'
import type { Measurement } from '../../gap/measurement.ts'
import type { Folder } from '../../report/results.ts'
import { machine } from '../../targets/facts.ts'
import type { NullServer } from '../../targets/null-server.ts'
import { canMeasureProcessors, ProcessorWatch, type Used } from '../../targets/processors.ts'
import { allSides, nullName } from '../../workload/resolve.ts'
import { nullServerOf } from '../asked.ts'
import { type BlockSettings, measureBlocks } from '../k6.ts'
import { lengthOf } from '../length.ts'
import { countdown } from '../progress.ts'
import type { Targets } from '../targets.ts'
import { stretchesOf } from './stretches.ts'

export interface RoundSettings {
  /** The most virtual users. */
  clients: number
  arrivals: 'even' | 'poisson'
  turns: Turns
  /** Seconds, at most. */
  warmup: number
  seed: number
  queryMode: BlockSettings['queryMode']
  pool?: number
}

/** Share of the machine's processors that other programs had, on this machine or on others that share its processors. */
function takenByOthers(used: Used | undefined, cores: number): number | undefined {
  const [others] = used?.processors ?? []
  return used && others !== undefined ? Math.min(1, others / cores + used.machine.stolen) : undefined
}

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
   * @returns what it saw of each side and, under the same names, of their null servers; and the measurement as it is
   */
  async session(
    rounds: readonly Round[],
    progress: (what: string) => void,
    { beside = true }: { beside?: boolean } = {},
  ): Promise<{ points: Point[]; nullPoints: Point[]; measurement: Measurement }> {
    const session = ++this.#sessions
    if (session > 1 && this.#targets.restart) {
      progress('starting the targets anew')
      await this.#targets.restart()
    }
    const sides = allSides(this.#targets.workload)
    const working = sides.filter((side) => rounds.some((round) => side in round))
    if (beside && !this.#nullServer) this.#nullServer = await nullServerOf(this.#targets, this.#settings.seed)
    const last = rounds.at(-1) as Round
    const nulls = Object.fromEntries(Object.entries(last).map(([side, rate]) => [nullName(side), rate]))
    const rates = beside ? [...rounds.slice(0, -1), { ...last, ...nulls }] : rounds
    const { clients, arrivals, turns, seed, ...settings } = this.#settings
    const { block, lead } = turns
    const asked: BlockSettings = {
      ...settings,
      sides: [...(beside ? Object.keys(last).map((side) => `${side}:null`) : []), ...working],
      clients: [clients],
      pairs: rates.length,
      rates,
      open: { arrivals, turnSeconds: block / 2, lead: lead / (block / 2) },
      block,
      // Other arrivals and other keys.
      seed: seed + session,
    }
    // To look costs processor time, so that it is done in the last round only, where the null server is asked.
    let watch: ProcessorWatch | undefined
    const look = (done: number) => {
      if (beside && canMeasureProcessors && done === rates.length - 1)
        watch ??= new ProcessorWatch([
          { side: '', what: 'others', processes: () => notOfFamily(process.pid) },
        ])
    }
    look(0)
    let measurement: Measurement
    try {
      measurement = await countdown(lengthOf(asked), progress, () =>
        measureBlocks(
          asked,
          this.#targets,
          this.#left.below(`session-${session}`),
          this.#signal,
          ({ pair }) => look(pair),
          this.#nullServer?.addresses ?? [],
        ),
      )
    } finally {
      await watch?.stop()
    }
    const taken = takenByOthers(
      watch?.within(stretchesOf(measurement, (key) => !sides.includes(key))),
      machine().cores,
    )
    // A null server is held to the objective of its side.
    const sideOf = new Map(sides.flatMap((side) => [[side, side] as const, [nullName(side), side] as const]))
    const all = pointsOf(measurement, session, (key) => this.#objectiveOf(sideOf.get(key) ?? key)).map(
      (point) =>
        taken === undefined || sides.includes(point.side) ? point : { ...point, takenByOthers: taken },
    )
    this.points.push(...all)
    this.measured.push(measurement)
    return {
      points: all.filter(({ side }) => sides.includes(side)),
      nullPoints: all
        .filter(({ side }) => !sides.includes(side))
        .map((point) => ({ ...point, side: sideOf.get(point.side) ?? point.side })),
      measurement,
    }
  }
}
