/** A whole comparison in Node, from its warm-ups to what it leaves. */
import { inScenario, type Own } from './scenario.ts'
import type { Answering } from './world.ts'

/** @param env beside a short run's @param files by name @param own workload; absent: the flights */
export async function simulatedRun(
  answer: Answering,
  env: Record<string, string> = {},
  files: Record<string, string> = {},
  own?: Own,
) {
  const world = await inScenario(
    { PAIRS: '2', BLOCK_SECONDS: '1', WARMUP_SECONDS: '2', ...env },
    files,
    0,
    own,
  )
  world.answer = answer
  const { measurePair, warmUp } = await import('../lib/choreography.ts')
  const { settings } = await import('../lib/comparison.ts')
  for (const clients of settings.clients) {
    warmUp(clients)
    for (let pair = 1; pair <= settings.pairs; pair++) measurePair(clients, pair)
  }
  const { measured } = await import('../lib/outcome.ts')
  return { world, measurement: measured() }
}
