/** Addresses inside other text, as a command line: shown without their secrets, whatever they are. */
import { visible } from '../../workload/shortened.ts'
import { httpAddress, httpSchemes } from './http.ts'
import { postgresAddress, postgresSchemes } from './postgres.ts'
import { hidden } from './split.ts'

const readers = [
  { schemes: postgresSchemes, read: postgresAddress },
  { schemes: httpSchemes, read: httpAddress },
] as const

function shownAddress(text: string): string {
  const scheme = text.slice(0, text.indexOf(':')).toLowerCase()
  try {
    const reader = readers.find(({ schemes }) => (schemes as readonly string[]).includes(scheme))
    if (reader) return String(reader.read(text))
  } catch {}
  return hidden(text).replaceAll("'", '')
}

/** One argument of a command line. What looks like libpq's other form (`host=… password=…`) is not shown at all. */
export function shownArgument(argument: string): string {
  // Without an end to it a long text would be looked through from each of its letters on.
  const at = argument.search(/[a-z][a-z0-9+.-]{0,40}:\/\//i)
  if (at >= 0) return argument.slice(0, at) + shownAddress(argument.slice(at))
  return /passw|sslpassword/i.test(argument) && argument.includes('=') ? '…' : argument
}

/** Characters of an argument that a message repeats. */
const mostRepeated = 80

function repeated(argument: string): string {
  const characters = [...visible(shownArgument(argument))]
  return characters.length > mostRepeated
    ? `${characters.slice(0, mostRepeated).join('')}…`
    : characters.join('')
}

/** A text in which arguments may stand word for word, as in a message about one of them: without secrets, and cut short. */
export const withShownArguments = (text: string, argv: readonly string[]) =>
  argv
    .flatMap((argument) => [argument, argument.replace(/^--?[\w-]+=/, '')])
    .filter((argument) => repeated(argument) !== argument)
    .sort((a, b) => b.length - a.length)
    .reduce((all, argument) => all.replaceAll(argument, repeated(argument)), text)
