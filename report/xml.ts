/** XML 1.0 as text: whatever a name or a value holds, what is written can be read. */

export interface Element {
  name: string
  attributes: Record<string, string>
  children: (Element | string)[]
}

export const element = (
  name: string,
  attributes: Record<string, string> = {},
  ...children: (Element | string)[]
): Element => ({ name, attributes, children })

/** What XML 1.0 has no way to write, not even by number: most control characters, halves of a pair, two of no character. */
const unwritable = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu

/** What nobody sees, or what turns round or breaks the text beside it: it could show another verdict than is written. */
const misleading = /[\p{Cf}\p{Zl}\p{Zp}]/gu

const references: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** By its number, as JSON does. */
const byNumber = (one: string) => `\\u${(one.codePointAt(0) as number).toString(16).padStart(4, '0')}`

/** A character that cannot be written, or that misleads, is shown by its number. */
const writable = (text: string) => text.replace(unwritable, byNumber).replace(misleading, byNumber)

const inText = (text: string) => writable(text).replace(/[&<>\r]/g, (one) => references[one] as string)

/** A reader makes spaces of lines' ends and tabs, where they are not written by number. */
const inAttribute = (text: string) =>
  writable(text).replace(/[&<>"\t\n\r]/g, (one) => references[one] as string)

function lines({ name, attributes, children }: Element, indent: string): string {
  const start = Object.entries(attributes).map(([key, value]) => ` ${key}="${inAttribute(value)}"`)
  const open = `${indent}<${name}${start.join('')}`
  if (children.length === 0) return `${open}/>\n`
  // Spaces beside text would belong to it.
  if (children.some((child) => typeof child === 'string')) {
    const inner = children.map((child) =>
      typeof child === 'string' ? inText(child) : lines(child, '').trimEnd(),
    )
    return `${open}>${inner.join('')}</${name}>\n`
  }
  const inner = children.map((child) => lines(child as Element, `${indent}  `))
  return `${open}>\n${inner.join('')}${indent}</${name}>\n`
}

export const xmlDocument = (root: Element): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${lines(root, '')}`
