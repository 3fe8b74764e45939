/** Any value as a message may show it: on one line, as JSON writes it, however much there is of it. */
const usual = 80

export function shortened(value: unknown, most = usual): string {
  let text = ''
  const isFull = () => text.length > most
  const add = (one: unknown): void => {
    if (isFull()) return
    if (typeof one === 'string') text += visible(JSON.stringify(withoutSecret(start(one, most + 1))))
    else if (Array.isArray(one)) addAll('[', one, add, ']')
    else if (typeof one === 'object' && one !== null)
      addAll(
        '{',
        Object.keys(one),
        (key) => {
          add(key)
          text += ':'
          add((one as Record<string, unknown>)[key])
        },
        '}',
      )
    else text += String(one)
  }
  const addAll = <T>(open: string, all: T[], each: (one: T) => void, close: string) => {
    text += open
    for (const [index, one] of all.entries()) {
      if (isFull()) return
      if (index > 0) text += ','
      each(one)
    }
    text += close
  }
  add(value)
  return isFull() ? `${start(text, most)}…` : text
}

/**
 * An address in a file may hold a password, whatever was to stand in its place: of one nothing is told but its scheme; of libpq's
 * other form (`host=… password=…`) nothing from the password on.
 */
const withoutSecret = (text: string) =>
  text.replace(/([a-z][a-z0-9+.-]*:\/\/).*/is, '$1…').replace(/\b(ssl)?passw\w*\s*=.*/is, '…')

const [mostNamed, longestName] = [30, 60]

/** Names as a message lists them, however many and however long they are. */
export function namesInWords(names: readonly string[]): string {
  const more = names.length - mostNamed
  const some = names
    .slice(0, mostNamed)
    .map((name) => visible(name.length > longestName ? `${start(name, longestName)}…` : name))
  return `${some.join(', ')}${more > 0 ? ` and ${more.toLocaleString('en')} more` : ''}`
}

/** No half of a pair at its end. */
const start = (text: string, length: number) => text.slice(0, length).replace(/[\ud800-\udbff]$/, '')

/** Text of someone else's in one line, with nothing in it that moves a cursor or turns round what stands beside it. */
export const inOneLine = (text: string) => visible(text.replace(/[\t-\r]+/g, ' '))

/** Characters that nobody sees, or that change how others are seen, by their numbers. */
export const visible = (text: string) =>
  text.replace(/(?! )[\p{C}\p{Z}]/gu, (one) =>
    [...one].map((each) => `\\u{${(each.codePointAt(0) as number).toString(16)}}`).join(''),
  )
