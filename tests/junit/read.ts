/** JUnit XML as its readers take it. */
import { readFileSync } from 'node:fs'
import { XmlDocument, type XmlElement, XsdValidator } from 'libxml2-wasm'
import { expect } from 'vitest'

/** What readers of JUnit XML hold to. */
const schemas = ['junit-10.xsd', 'JUnit.xsd'].map((file) => ({
  file,
  validator: XsdValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(new URL(file, import.meta.url)))),
}))

/** Valid by every schema, and read. */
export function read(xml: string): XmlDocument {
  const document = XmlDocument.fromString(xml)
  for (const { file, validator } of schemas)
    expect(() => validator.validate(document), `${file}:\n${xml}`).not.toThrow()
  return document
}

export const all = (document: XmlDocument, path: string) => document.find(path) as XmlElement[]
export const one = (document: XmlDocument, path: string) => {
  const found = all(document, path)
  expect(found, path).toHaveLength(1)
  return found[0] as XmlElement
}
export const attribute = (element: XmlElement, name: string) => element.attr(name)?.value
