/**
 * The parts that the addresses of all protocols have, and the one refusal for those that cannot be read.
 *
 * A password with a reserved character that is not written as a percent escape can end up in any part: what a refusal shows is
 * the scheme, and what is read in two ways is not read at all.
 */
import { BadInput } from '../../build/failure.ts'

/** Who gave it, and what it was to be. */
export interface Source {
  /** A flag or a variable, as the user writes it. */
  name: string
  /** What would have fitted, after "expected". */
  expected: string
}

export interface Parts {
  scheme: string
  /** Decoded; absent where there is none. */
  user?: string
  password?: string
  /** As written: what stands between user and path. */
  hosts: string
  /** As written, with its slash. */
  path: string
  /** As written, without its question mark; absent where there is none. */
  query?: string
}

/** What of any text may be shown, whether it is an address or not. */
export function hidden(text: string): string {
  const scheme = /^([a-z][a-z0-9+.-]{0,20}):\/\//i.exec(text.trim())?.[1]
  return scheme ? `'${scheme.toLowerCase()}://…'` : '(a value that is not shown, for it may hold a password)'
}

const escapes =
  'Write what is reserved in a user, a password or a name as percent escapes: @ as %40, / as %2F, : as %3A, ? as %3F, # as %23, % as %25'

export function refusal(text: string, { name, expected }: Source, why: string, next = escapes): BadInput {
  return new BadInput(`${name}: ${hidden(text)} ${why}; expected ${expected}`, next)
}

/** Percent escapes as libpq and Go read them: nothing else is changed. Undefined where one is broken or is a zero byte. */
export function decoded(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text)
    return value.includes('\0') ? undefined : value
  } catch {
    return undefined
  }
}

/**
 * Where user and password end, behind their @; 0 where there are none. Of several @ the last one ends them. libpq takes a question
 * mark and a hash in them as they are; for HTTP they end whatever they stand in.
 */
function userEnd(rest: string, isLibpq: boolean): number {
  const upTo = (stop: RegExp) => {
    const at = rest.search(stop)
    return (at < 0 ? rest : rest.slice(0, at)).lastIndexOf('@') + 1
  }
  return isLibpq ? upTo(/[/?]/) || upTo(/\//) : upTo(/[/?#]/)
}

/**
 * @param isLibpq whether it is read as libpq reads one
 * @throws {BadInput} that shows nothing of it but its scheme
 */
export function split(given: string, schemes: readonly string[], source: Source, isLibpq = false): Parts {
  const text = given.trim()
  const refuse = (why: string, next?: string) => refusal(text, source, why, next)
  if (text === '') throw new BadInput(`${source.name} is empty; expected ${source.expected}`)
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? []
  if (!schemes.includes(scheme.toLowerCase())) throw refuse('does not fit', '')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(rest)) throw refuse('has a line break or another control character in it')
  const end = userEnd(rest, isLibpq)
  const after = rest.slice(end)
  if (after.includes('#')) throw refuse('has a # in it')
  const stop = after.search(/[/?]/)
  const tail = stop < 0 ? '' : after.slice(stop)
  const question = tail.indexOf('?')
  const path = question < 0 ? tail : tail.slice(0, question)
  // Else a slash in a password would make its beginning a host and its end a path.
  if (path.includes('@')) throw refuse('has an @ after its first slash')
  const parts: Parts = {
    scheme: scheme.toLowerCase(),
    hosts: stop < 0 ? after : after.slice(0, stop),
    path,
    ...(question >= 0 && { query: tail.slice(question + 1) }),
  }
  if (end === 0) return parts
  const [user = '', ...more] = rest.slice(0, end - 1).split(':')
  for (const [name, raw] of [
    ['user', user],
    ['password', more.length > 0 ? more.join(':') : undefined],
  ] as const) {
    if (raw === undefined) continue
    // Or there is no user, and what would be shown as one holds the parameters, with a password among them.
    if (name === 'user' && raw.includes('?')) throw refuse('has a question mark before its @')
    const value = decoded(raw)
    if (value === undefined) throw refuse(`has a percent escape in its ${name} that cannot be read`)
    if (value !== '') parts[name] = value
  }
  return parts
}
