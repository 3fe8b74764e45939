/** Flags of a command line that stand there twice: one of them would have no effect, and nobody would be told which. */
import type { Command, Option } from 'commander'
import { objective } from './options.ts'

/** Those that add to what was given before. */
const isGathering = ({ parseArg }: Option) => parseArg === objective

/** From now on a command refuses a flag that it is given again, unless that is for one value more. */
export function refuseTwice(command: Command): void {
  const given = new Set<string>()
  for (const option of command.options)
    if (!isGathering(option))
      command.on(`option:${option.name()}`, () => {
        if (given.has(option.name()))
          command.error(`error: --${option.name()} is given twice: leave one of them out`)
        given.add(option.name())
      })
}
