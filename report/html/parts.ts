/** What pages are made of, whatever they tell of. */
import { readFileSync } from 'node:fs'
import type { Premise } from '../../gap/premises.ts'
import type { Outcome, RunOutcome } from '../../gap/verdict.ts'
import { seenInWords } from '../failures.ts'
import { html, Markup } from './markup.ts'

const style = new Markup(readFileSync(new URL('style.css', import.meta.url), 'utf8'))

const outcomeWords: Record<Outcome, string> = { pass: '✓ holds', fail: '✗ crossed', undecided: '? undecided' }

export const marked = (outcome: Outcome) => html`<span class="${outcome}">${outcomeWords[outcome]}</span>`

/** The sign of a whole run, behind its verdict. */
export function outcomeMark(outcome: RunOutcome): Markup {
  const [kind, sign] = (
    {
      pass: ['pass', '✓'],
      fail: ['fail', '✗'],
      undecided: ['undecided', '?'],
      'could not measure': ['fail', '✗'],
    } as const
  )[outcome]
  return html`<span class="${kind}">${sign}</span>`
}

export const key = (entries: { name: string; colour: string }[]) =>
  html`<ul class="key">${entries.map(
    ({ name, colour }) => html`<li><i style="background:${colour}"></i>${name}</li>`,
  )}</ul>`

/** A chart with its title, its key, and the figures behind it. */
export const chart = (title: string, what: string, legend: Markup, drawn: Markup, table: Markup) => html`
<figure><h3>${title}</h3><p class="soft">${what}</p>${legend}<div class="drawn">${drawn}</div>
<details><summary>Figures</summary>${table}</details></figure>`

export const premiseList = (premises: readonly Premise[]) =>
  html`<ul class="notes">${premises.map((premise) => html`<li><span class="${premise.holds ? 'pass' : 'fail'}">${premise.holds ? '✓' : '✗'}</span> <strong>${premise.name}</strong>: ${seenInWords(premise)}${premise.next && ` → ${premise.next}`}</li>`)}</ul>`

/** One file that needs nothing else. */
export const page = (title: string, body: Markup): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`.text
