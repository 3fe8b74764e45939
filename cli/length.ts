/** How long a session takes, about, and how long it may take. */
import {
  besideTurnLength,
  openTurnLength,
  roundsOf,
  roundsOfConnection,
  turnLength,
} from '../workload/turns.ts'
import type { BlockSettings } from './k6.ts'

/** Seconds that a session takes, about: how long warm-ups and connecting take is not known before. */
export function lengthOf(settings: BlockSettings): number {
  const { sides, beside = [], clients, rate, rates, open, block } = settings
  const pairs = rates?.length ?? settings.pairs
  const milliseconds = clients.reduce((total, count) => {
    const turn = open ? open.turnSeconds * 1000 : rate ? openTurnLength : turnLength(count)
    const rounds = roundsOf(block, turn)
    const openings = Math.ceil(rounds / roundsOfConnection(turn))
    const opening = 60 + 10 * count + beside.length * 2 * besideTurnLength(count)
    return total + 2000 + pairs * (sides.length * rounds * 2 * turn + openings * opening)
  }, 1000)
  return milliseconds / 1000
}

/** Seconds after which something must keep k6 that it does not see itself: its turns end by the clock, and its waits by theirs. */
export const limitOf = (settings: BlockSettings): number =>
  60 + 3 * (lengthOf(settings) + settings.clients.length * settings.warmup)
