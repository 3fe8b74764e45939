/** Ways to make the same predictions: timed in turns, and all of them must give the same bits. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import Table from 'cli-table3'
import { execa } from 'execa'
import { quantileSorted } from 'simple-statistics'
import { environment } from '../../build/environment.ts'

export interface Timed {
  /** Of processor time, for all rows. */
  seconds: number
  /** A digest of the answers' bits. */
  answers: string
}

export interface Way {
  name: string
  predict: () => Promise<Timed>
}

/** A program that predicts when it is told to: a line that names a way, a line of JSON back. Its first line tells its version. */
export class Program {
  readonly #child
  readonly #lines

  constructor(file: string, args: readonly string[], env: Record<string, string> = {}) {
    this.#child = execa(file, args, {
      env: environment(env),
      extendEnv: false,
      buffer: false,
      stderr: 'inherit',
    })
    const input = this.#child.stdout as NodeJS.ReadableStream
    this.#lines = createInterface({ input })[Symbol.asyncIterator]()
  }

  async line(): Promise<unknown> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('it ended before it had answered')
    return JSON.parse(value)
  }

  way(name: string): Way['predict'] {
    return async () => {
      if (!this.#child.stdin?.write(`${name}\n`))
        await once(this.#child.stdin as NodeJS.WritableStream, 'drain')
      return (await this.line()) as Timed
    }
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end()
    await this.#child
  }
}

export interface Figure {
  name: string
  /** Microseconds a row: the median of all rounds, and their middle half. */
  median: number
  low: number
  high: number
}

export const figureOf = (name: string, microseconds: readonly number[]): Figure => {
  const sorted = microseconds.toSorted((a, b) => a - b)
  const [median, low, high] = [0.5, 0.25, 0.75].map((share) => quantileSorted(sorted, share))
  return { name, median, low, high } as Figure
}

export interface Rounds {
  rounds: number
  rows: number
}

/** In another order each round, so that what else the machine does meets all of them. The first round warms up. */
export async function inTurns(
  ways: readonly Way[],
  { rounds, rows }: Rounds,
): Promise<{ figures: Figure[]; areSame: boolean }> {
  const times = ways.map((): number[] => [])
  const answers = new Set<string>()
  for (let round = -1; round < rounds; round++)
    for (let turn = 0; turn < ways.length; turn++) {
      const at = (round + 1 + turn) % ways.length
      const timed = await (ways[at] as Way).predict()
      answers.add(timed.answers)
      if (round >= 0) times[at]?.push((timed.seconds / rows) * 1e6)
    }
  return {
    figures: ways.map(({ name }, at) => figureOf(name, times[at] ?? [])),
    areSame: answers.size === 1,
  }
}

export function tableOf(figures: readonly Figure[]): string {
  const table = new Table({
    head: ['one row', 'median µs', 'middle half of rounds', '÷ fastest'],
    colAligns: ['left', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  })
  const fastest = Math.min(...figures.map(({ median }) => median))
  for (const { name, median, low, high } of figures)
    table.push([
      name,
      median.toFixed(2),
      `${low.toFixed(2)} … ${high.toFixed(2)}`,
      (median / fastest).toFixed(1),
    ])
  return table.toString()
}
