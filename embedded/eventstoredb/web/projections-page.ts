import type { ManagedProjection } from '../projections/managed-projection.ts'
import { redirect, type Answer } from './answer.ts'
import type { Forms } from './forms.ts'
import { html, type Html } from './html.ts'
import { required } from './input.ts'
import { page, type Page } from './page.ts'
import { projectionsPlace } from './places.ts'
import { badRequest, noSuchPage } from './problem.ts'
import { countText } from './text.ts'
import type { Viewer } from './viewer.ts'
import type { WebNode } from './web-node.ts'

/** The projections of the node, and a button to enable or disable each. */
export function projectionsPage(
  { projections }: WebNode,
  viewer: Viewer,
  forms: Forms,
  query: URLSearchParams,
): Page {
  viewer.mustOperate()
  const section = 'projections'
  if (projections === undefined) {
    const none = html`<p class="state">This node runs without projections.</p>`
    return page(
      'Projections',
      html`<h1>Projections</h1>
        ${none}`,
      { section },
    )
  }
  const changed = projections.get(query.get('changed') ?? '')
  const rows = projections.all().map((projection) => row(projection, button(projection, viewer, forms)))
  const body = html`<h1 id="projections">Projections</h1>
    ${changed && html`<p class="done" role="status">${changed.name} is ${changed.status.toLowerCase()}.</p>`}
    ${table(rows)}`
  return page('Projections', body, { section })
}

/** Enables or disables one, and comes back to the list when that is done. */
export async function changeProjection({ projections }: WebNode, form: URLSearchParams): Promise<Answer> {
  const name = required(form.get('name'), 'name')
  const projection = projections?.get(name)
  if (projection === undefined) throw noSuchPage(`There is no projection ${name}.`)
  const deed = form.get('deed')
  if (deed === 'enable') await projection.enable()
  else if (deed === 'disable') await projection.disable({ checkpoint: true })
  else throw badRequest('A projection can be enabled and disabled.')
  return redirect({ ...projectionsPlace, query: [['changed', name]] })
}

function button({ name, status }: ManagedProjection, viewer: Viewer, forms: Forms): Html {
  const deed = status === 'Running' ? 'disable' : 'enable'
  const label = html`${deed === 'disable' ? 'Disable' : 'Enable'}<span class="unseen"> ${name}</span>`
  const fields = [
    ['name', name],
    ['deed', deed],
  ] as const
  return forms.view(viewer, projectionsPlace, { label, fields })
}

const table = (rows: readonly Html[]): Html =>
  html`<div class="scroll" role="region" aria-labelledby="projections" tabindex="0">
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Status</th>
          <th scope="col" class="figure">Progress</th>
          <th scope="col" class="figure">Processed since start</th>
          <th scope="col">Position</th>
          <th scope="col">Change</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`

function row({ name, status, statistics }: ManagedProjection, change: Html): Html {
  const { progress, position, eventsProcessedAfterRestart, stateReason } = statistics
  return html`<tr>
    <th scope="row"><code>${name}</code></th>
    <td class="${status === 'Faulted' && 'wrong'}">
      ${status}${stateReason !== '' && html`<div class="note">${stateReason}</div>`}
    </td>
    <td class="figure">${progress.toFixed(1)} %</td>
    <td class="figure">${countText(eventsProcessedAfterRestart)}</td>
    <td><code>${position}</code></td>
    <td>${change}</td>
  </tr>`
}
