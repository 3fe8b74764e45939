/**
 * Signals and a user's own code. While JavaScript runs, no listener of ours hears a signal: a loop without an end would keep the
 * process from everything but SIGKILL. Where nothing has been started yet, signals may do what they do without listeners.
 */

/** Those by which a command is ended. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** From now on they end the process themselves. @returns what makes it as before */
function leave(): () => void {
  const listeners = endingSignals.flatMap((name) =>
    process.rawListeners(name).map((listen) => ({ name, listen: listen as NodeJS.SignalsListener })),
  )
  for (const { name, listen } of listeners) process.off(name, listen)
  return () => {
    for (const { name, listen } of listeners) process.on(name, listen)
  }
}

/** Runs code of the user's, before anything has been started. */
export function endable<T>(work: () => T): T {
  const back = leave()
  try {
    return work()
  } finally {
    back()
  }
}

const beginning = Symbol.for('inference-gap: a module of the user begins')

/** What stands at the beginning of a module makes it endable until it waits for something, or is done. */
export const endableModule = `globalThis[Symbol.for(${JSON.stringify(beginning.description)})]?.();`

Object.defineProperty(globalThis, beginning, { value: () => void setImmediate(leave()), configurable: true })
