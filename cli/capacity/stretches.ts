/** When the measured turns of a session were. */
import type { Measurement } from '../../gap/measurement.ts'

/** In milliseconds since 1970, until what was due in them has been answered. @param isAsked by a side's key */
export function stretchesOf(
  { startedAt, time, blocks, settings }: Measurement,
  isAsked: (key: string) => boolean = () => true,
): [from: number, to: number][] {
  const began = Date.parse(startedAt) + (time?.sessions[0]?.startupMs ?? 0)
  const length = (settings.blockSeconds * 1000) / 2
  return blocks
    .filter(({ key }) => isAsked(key))
    .flatMap(({ turns }) =>
      turns.map(({ endMs }): [number, number] => [began + endMs - length, began + endMs]),
    )
}
