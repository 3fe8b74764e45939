/** What failed, as it is counted: its kind is data of whoever threw (k6/x/sql, k6/x/request, a wrong answer), never read from a text. */
export interface Failed {
  kind: string
  message: string
}

export function failed(error: unknown): Failed {
  const message = error instanceof Error ? error.message : String(error)
  const { kind } = (error ?? {}) as { kind?: unknown }
  return { kind: typeof kind === 'string' ? kind : 'other', message }
}

const said = new Set<string>()
/** Kinds of which a virtual user says the first in the log. */
const mostSaid = 8

/** @param what failed, as the beginning of a sentence */
export function say(what: string, { kind, message }: Failed): void {
  if (said.size >= mostSaid || said.has(kind)) return
  said.add(kind)
  console.error(`${what}: ${message.includes(kind) ? '' : `${kind}: `}${message}`)
}
