/**
 * Signals and a user's own code. While JavaScript runs, no listener of ours hears a signal: a loop without an end would keep the
 * process from everything but SIGKILL. Where nothing has been started yet, signals may do what they do without listeners.
 */

/** Those by which a command is ended. */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

type Listener = (name: NodeJS.Signals) => void

const listeners = new Set<Listener>()

const hear = (listen: Listener) => {
  for (const name of endingSignals) process.on(name, listen)
}
const ignore = (listen: Listener) => {
  for (const name of endingSignals) process.off(name, listen)
}

/** @returns what ends the listening */
export function onEndingSignal(listen: Listener): () => void {
  listeners.add(listen)
  hear(listen)
  return () => {
    listeners.delete(listen)
    ignore(listen)
  }
}

/** From now on signals end the process themselves. @returns what lets those be told again that still listen */
function leave(): () => void {
  const before = [...listeners]
  for (const each of before) ignore(each)
  return () => {
    // Once more is not twice.
    for (const each of before)
      if (listeners.has(each)) {
        ignore(each)
        hear(each)
      }
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
