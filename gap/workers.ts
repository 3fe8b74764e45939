/** How evenly the service's workers shared the answers of each block: a kept connection stays with one of them. */
import { median } from 'simple-statistics'
import { figuresOf } from './figures.ts'
import type { MeasuredBlock, Measurement } from './measurement.ts'
import type { Ratio } from './ratio.ts'
import { sum } from './sum.ts'
import { gapsOf } from './verdict.ts'

/** The busiest worker may give so many times its fair share of a block's answers before the block is marked. */
const allowed = 1.25

/** The busiest worker's answers ÷ its fair share; of fewer clients than workers, only as many workers can answer. */
export function unevenness(
  { workers, clients }: Pick<MeasuredBlock, 'workers' | 'clients'>,
  known: number,
): number {
  const counts = Object.values(workers)
  const all = sum(counts)
  const fair = all / Math.min(known, clients)
  return fair > 0 ? Math.max(...counts) / fair : 1
}

/** Whether the side says who answered. */
export const hasWorkers = ({ workers }: Pick<MeasuredBlock, 'workers'>) => Object.keys(workers).length > 0

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

export interface WorkersSetting {
  name: string
  /** Worker processes. */
  processes: number
}

export interface WorkersRow {
  name: string
  clients: number
  tps: number
  p99Ms: number
  /** Median over the blocks. */
  unevenness: number
  /** TPS ÷ that of the last setting; absent for the last. */
  ratio?: Ratio
}

/** @param settings in the order of the measurement's sides */
export function workersRows(measurement: Measurement, settings: WorkersSetting[]): WorkersRow[] {
  const gaps = gapsOf(measurement)
  const { clients, sides } = measurement.settings
  return clients.flatMap((count) =>
    sides.flatMap((key, index) => {
      const figures = figuresOf(measurement, key, count)
      const setting = settings[index]
      if (!figures || !setting) return []
      const gap = gaps.find((each) => each.key === key && each.clients === count)
      const own = measurement.blocks.filter((block) => block.key === key && block.clients === count)
      return [
        {
          name: setting.name,
          clients: count,
          tps: figures.tps,
          p99Ms: figures.latencyMs.p99,
          unevenness: median(own.map((block) => unevenness(block, setting.processes))),
          ...(gap && { ratio: gap.tps }),
        },
      ]
    }),
  )
}
