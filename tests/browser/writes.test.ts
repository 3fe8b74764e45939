/** report.html of features that change, as a browser shows it. */
import { features } from '../../report/changes/fixture.ts'
import { changesHtml } from '../../report/changes/html.ts'
import { chartsAreSeen, everyPage } from './every-page.ts'

const shown = everyPage('writes', async () => changesHtml(features))

chartsAreSeen(shown, 2)
