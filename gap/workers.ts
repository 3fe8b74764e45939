/** How evenly the service's workers shared the answers of each block: a kept connection stays with one of them. */
import { median } from 'simple-statistics'
import type { MeasuredBlock, Measurement } from './measurement.ts'
import { type Ratio, ratioOf } from './ratio.ts'

/** The busiest worker may give so many times its fair share of a block's answers before the block is marked. */
const allowed = 1.25

/** The busiest worker's answers ÷ its fair share; of fewer clients than workers, only as many workers can answer. */
export function unevenness(
  { workers, clients }: Pick<MeasuredBlock, 'workers' | 'clients'>,
  known: number,
): number {
  const counts = Object.values(workers)
  const all = counts.reduce((sum, each) => sum + each, 0)
  const fair = all / Math.min(known, clients)
  return fair > 0 ? Math.max(...counts) / fair : 1
}

/** Blocks in which one worker had to do too much while another had too little. */
export function unevenBlocks({ blocks }: Measurement): MeasuredBlock[] {
  return blocks.filter((block) => {
    // Workers are processes, so those of one session are told apart from those of another.
    const known = new Set(
      blocks
        .filter(({ session, key }) => session === block.session && key === block.key)
        .flatMap(({ workers }) => Object.keys(workers)),
    ).size
    return unevenness(block, known) > allowed
  })
}

/** One way to run the service: environment variables of Gunicorn's settings. */
export interface WorkersSetting {
  name: string
  env: Record<string, string>
}

export interface WorkersRound {
  name: string
  round: number
  clients: number
  tps: number
  p99Ms: number
  workers: Record<string, number>
  /** Worker processes. */
  processes: number
}

export interface WorkersRow {
  name: string
  clients: number
  /** Medians over the rounds. */
  tps: number
  p99Ms: number
  unevenness: number
  /** TPS ÷ that of the first setting in the same round; absent for the first. */
  ratio?: Ratio
}

export function workersRows(rounds: WorkersRound[], seed: number): WorkersRow[] {
  const clients = [...new Set(rounds.map((round) => round.clients))]
  const names = [...new Set(rounds.map(({ name }) => name))]
  return clients.flatMap((count) =>
    names.map((name) => {
      const own = rounds.filter((round) => round.name === name && round.clients === count)
      const ratios = own.flatMap(({ round, tps }) => {
        const first = rounds.find(
          (each) => each.name === names[0] && each.round === round && each.clients === count,
        )
        return first ? [tps / first.tps] : []
      })
      return {
        name,
        clients: count,
        tps: median(own.map(({ tps }) => tps)),
        p99Ms: median(own.map(({ p99Ms }) => p99Ms)),
        unevenness: median(own.map((round) => unevenness(round, round.processes))),
        ...(name !== names[0] && ratios.length > 0 && { ratio: ratioOf([ratios], seed) }),
      }
    }),
  )
}
