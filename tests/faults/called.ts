/** The command line within this process, which spares its start; what it says is not shown but handed over. */
import { setTimeout as sleep } from 'node:timers/promises'
import { main } from '../../cli/main.ts'

export interface Called {
  /** Undefined where it did not end in time. */
  code: number | undefined
  output: string
}

/** What goes on behind the next row would disturb it: ends it as Ctrl-C in a terminal would. */
async function endedBySignal(running: Promise<unknown>): Promise<void> {
  process.emit('SIGINT', 'SIGINT')
  await Promise.race([running.catch(() => {}), sleep(10_000, undefined, { ref: false })])
}

/**
 * @param env variables that it has besides
 * @param limit seconds
 * @param onText is told all that it has said so far
 */
export async function called(
  args: string[],
  env: Record<string, string> = {},
  limit = 60,
  onText: (said: string) => void = () => {},
): Promise<Called> {
  let output = ''
  const restore: (() => void)[] = []
  for (const stream of [process.stdout, process.stderr]) {
    const { write } = stream
    stream.write = ((part: string | Uint8Array) => {
      output += part
      onText(output)
      return true
    }) as typeof write
    restore.push(() => {
      stream.write = write
    })
  }
  const before = { ...process.env }
  Object.assign(process.env, { NO_COLOR: '1', ...env })
  try {
    const running = main(args)
    const code = await Promise.race([running, sleep(limit * 1000, undefined, { ref: false })])
    if (code === undefined) await endedBySignal(running)
    return { code, output }
  } finally {
    for (const name of Object.keys(env)) delete process.env[name]
    Object.assign(process.env, before)
    for (const each of restore) each()
  }
}

/** What a program prints that did not expect what it met. */
export const hasStack = (output: string) => /^ +at .*:\d+:\d+\)?$/m.test(output)
