/** How evenly the service's workers shared the answers of each block: a kept connection stays with one of them. */
import type { MeasuredBlock, Measurement } from './measurement.ts'

/** The busiest worker may give so many times its fair share of a block's answers before the block is marked. */
const allowed = 1.25

/** The busiest worker's answers ÷ its fair share; of fewer clients than workers, only as many workers can answer. */
export function unevenness({ workers, clients }: MeasuredBlock, known: number): number {
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
