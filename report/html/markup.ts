/** HTML as tagged templates: whatever is put in is escaped, unless it is markup that was made here. */

import { inOneLine } from '../../workload/shortened.ts'

export class Markup {
  constructor(readonly text: string) {}
}

type Part = string | number | Markup | Part[] | undefined | false

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string) =>
  inOneLine(text).replace(/[&<>"']/g, (character) => entities[character] as string)

function rendered(part: Part): string {
  if (part === undefined || part === false) return ''
  if (part instanceof Markup) return part.text
  return Array.isArray(part) ? part.map(rendered).join('') : escaped(String(part))
}

export function html(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(
    strings.reduce((text, string, index) => text + rendered(parts[index - 1] as Part) + string),
  )
}

/** Rows under a head; the first column names the row. */
export const htmlTable = (caption: string, head: string[], rows: (string | Markup)[][]): Markup => html`
<div class="wide"><table>
<caption>${caption}</caption>
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows.map(
  ([first, ...rest]) =>
    html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>\n`,
)}</tbody>
</table></div>`
