import { setMaxListeners } from 'node:events'

/** Ctrl-C and SIGTERM become an AbortSignal, so that whatever was started is ended in order; a second one ends at once. */
export class Interrupted extends Error {
  override name = 'Interrupted'

  constructor(readonly signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`)
  }
}

export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const { signal } = controller
  setMaxListeners(0, signal) // each server that runs is one
  const listen = (name: NodeJS.Signals) => {
    // A terminal, npm and a CI runner may each deliver the same Ctrl-C; only one that comes later is a second one.
    if (!signal.aborted) {
      interruptedAt = Date.now()
      process.stderr.write('\nEnding what was started …\n')
      controller.abort(new Interrupted(name))
    } else if (Date.now() - interruptedAt > 500) process.exit(130)
  }
  let interruptedAt = 0
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of names) process.on(name, listen)
  try {
    return await work(signal)
  } catch (error) {
    // Whatever broke because of the interruption is no news.
    throw signal.aborted ? signal.reason : error
  } finally {
    for (const name of names) process.off(name, listen)
  }
}
