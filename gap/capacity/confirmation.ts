/**
 * Is a capacity what it was found to be? Fresh sessions at the lower end of its interval, all of which must hold by their own figures. Where
 * one fails the rate steps down and all begin anew; each step is larger than the one before, so that a few reach what holds.
 */
import type { Objective, Point } from './evidence.ts'
import type { Round } from './search.ts'
import { missedBy } from './verdict.ts'

export interface ConfirmedSide {
  key: string
  objective: Objective
  capacity: number
  /** Where it begins: the lower end of the interval. */
  low: number
}

export interface ConfirmationOptions {
  /** Fresh sessions, all of which must hold. */
  sessions?: number
  /** Rounds in each. */
  rounds?: number
  mostSteps?: number
}

/** One rate that was tried. */
export interface Step {
  rate: number
  /** Sessions that held. */
  held: number
  /** Why the last did not, where it did not. */
  why?: string
}

export interface SideConfirmation {
  /** Undefined where no rate was confirmed. */
  confirmedRate: number | undefined
  steps: Step[]
}

interface Progress {
  side: ConfirmedSide
  steps: Step[]
  isOver: boolean
}

export class Confirmation {
  readonly #sides: Progress[]
  readonly #options: Required<ConfirmationOptions>

  constructor(sides: readonly ConfirmedSide[], options: ConfirmationOptions = {}) {
    this.#options = { sessions: 5, rounds: 2, mostSteps: 6, ...options }
    this.#sides = sides.map((side) => ({
      side,
      steps: [{ rate: Confirmation.rateOf(side, 0), held: 0 }],
      isOver: false,
    }))
  }

  /**
   * At the first step the interval's lower end, then lower by 1, 3, 6 … times half of what lies between it and the capacity. That is at
   * least 1 %, and at most 4 %: a wide interval must not lead to near idle, where latency rises again.
   */
  static rateOf({ capacity, low }: ConfirmedSide, step: number): number {
    const each = Math.min(0.04 * low, Math.max(0.01 * low, (capacity - low) / 2))
    const rate = low - ((step * (step + 1)) / 2) * each
    return Number(Math.max(rate, low / (step + 2)).toPrecision(4))
  }

  /** The rounds of one fresh session, of all sides that are not yet confirmed; undefined where none is left. */
  next(): Round[] | undefined {
    const left = this.#sides.filter(({ isOver }) => !isOver)
    if (left.length === 0) return undefined
    const round = Object.fromEntries(left.map(({ side, steps }) => [side.key, (steps.at(-1) as Step).rate]))
    return Array.from({ length: this.#options.rounds }, () => ({ ...round }))
  }

  /** @param points what came of one session @returns whether each side that was in it held, by its key */
  add(points: readonly Point[]): Record<string, boolean> {
    const { sessions, mostSteps } = this.#options
    const held: Record<string, boolean> = {}
    for (const progress of this.#sides) {
      const { side, steps } = progress
      const own = points.filter((point) => point.side === side.key)
      if (progress.isOver || own.length === 0) continue
      const step = steps.at(-1) as Step
      const why = missedBy(own, side.objective)
      held[side.key] = why === undefined
      if (why === undefined) {
        step.held++
        progress.isOver = step.held >= sessions
        continue
      }
      step.why = why
      if (steps.length >= mostSteps) progress.isOver = true
      else steps.push({ rate: Confirmation.rateOf(side, steps.length), held: 0 })
    }
    return held
  }

  /** Nothing more is asked. @param why those that are not yet confirmed are not */
  end(why: string): void {
    for (const progress of this.#sides) {
      if (progress.isOver) continue
      progress.isOver = true
      const step = progress.steps.at(-1) as Step
      step.why ??= why
    }
  }

  /** By side. */
  results(): Record<string, SideConfirmation> {
    return Object.fromEntries(
      this.#sides.map(({ side, steps }) => {
        const last = steps.at(-1) as Step
        const isConfirmed = last.held >= this.#options.sessions
        return [side.key, { confirmedRate: isConfirmed ? last.rate : undefined, steps: [...steps] }]
      }),
    )
  }
}
