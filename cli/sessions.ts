/** Measuring in sessions: targets and k6 are started anew for each, so that what is decided once at a start cannot pass for a gap. */
import type { Measurement, Progress } from '../gap/measurement.ts'
import { merged } from '../gap/merge.ts'
import type { Folder } from '../report/results.ts'
import type { NullServer } from '../targets/null-server.ts'
import { nullServerOf } from './asked.ts'
import { type BlockSettings, measureBlocks } from './k6.ts'
import { lengthOf } from './length.ts'
import { countdown, type ShownStep, show } from './progress.ts'
import type { Targets } from './targets.ts'

export interface SessionSettings extends BlockSettings {
  sessions: number
  /** How many there will be in all, where these are measured a few at a time. */
  of?: number
  /** Goes before what is said of each session. */
  name?: string
}

const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

/** Measures sessions one after the other, and hands each on as soon as it is there. */
export class Sessions {
  readonly #measured: Measurement[] = []
  readonly #settings: SessionSettings
  readonly #targets: Targets
  readonly #left: Folder
  readonly #signal: AbortSignal
  #nullServer?: NullServer

  constructor(settings: SessionSettings, targets: Targets, left: Folder, signal: AbortSignal) {
    this.#settings = settings
    this.#targets = targets
    this.#left = left
    this.#signal = signal
  }

  /** Measures as many sessions as the settings say. @returns them and those that were measured before, as one */
  async measure(): Promise<Measurement> {
    const { sessions, clients, rate } = this.#settings
    const at = rate
      ? `${rate} requests a second`
      : plural(clients.length === 1 ? (clients[0] as number) : 0, 'client')
    const where = clients.length === 1 || rate ? at : `${clients.join(', ')} clients`
    const steps: ShownStep[] = Array.from({ length: sessions }, (_, index) => {
      const number = this.#measured.length + index + 1
      return {
        title: `Measure at ${where}, ${this.#settings.name ?? ''}session ${number} of ${this.#settings.of ?? this.#measured.length + sessions}`,
        work: (progress) => this.#one(number, progress),
      }
    })
    await show(steps)
    return merged(this.#measured)
  }

  async stop(): Promise<void> {
    await this.#nullServer?.stop()
  }

  async #one(number: number, progress: (what: string) => void): Promise<undefined> {
    if (number > 1 && this.#targets.restart) {
      progress('starting the targets anew')
      await this.#targets.restart()
    }
    if (this.#settings.beside?.length && !this.#nullServer)
      this.#nullServer = await nullServerOf(this.#targets, this.#settings.seed)
    // Another seed asks other keys, in another order of turns.
    const settings = { ...this.#settings, seed: this.#settings.seed + number - 1 }
    const left = this.#left.below(`session-${number}`)
    const idle = this.#nullServer?.addresses ?? []
    let told: Progress | undefined
    this.#measured.push(
      await countdown(
        lengthOf(settings),
        progress,
        () =>
          measureBlocks(
            settings,
            this.#targets,
            left,
            this.#signal,
            (progress) => {
              told = progress
            },
            idle,
          ),
        () => progressInWords(told),
      ),
    )
    return undefined
  }
}

/** "1 client, pair 2 of 4: database 3,989/s, service 594/s" */
function progressInWords(progress: Progress | undefined): string | undefined {
  if (!progress) return undefined
  const { clients, pair, pairs, tps } = progress
  const rates = Object.entries(tps).map(
    ([key, value]) => `${key} ${Math.round(value).toLocaleString('en')}/s`,
  )
  return `${plural(clients, 'client')}, pair ${pair} of ${pairs}: ${rates.join(', ')}`
}
