import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import { readBody } from '../http/body.ts'
import { Problem } from '../http/problem.ts'
import { html, type Html } from './html.ts'
import { hidden } from './paging.ts'
import { href, type Place } from './places.ts'
import type { Viewer } from './viewer.ts'

const largestForm = 16 * 1024
const field = 'token'

/**
 * Forms that change something carry a token that only this node can make, for one person and one deed. A page of
 * another site can't read it, so that it can't have a browser send the form, whatever the browser says of origins.
 */
export class Forms {
  readonly #secret = randomBytes(32)

  view(viewer: Viewer, place: Place, { label, fields = [] }: FormOptions): Html {
    return html`<form class="deed" method="post" action="${href(place)}">
      ${hidden(field, this.#token(viewer, place))} ${fields.map(([name, value]) => hidden(name, value))}
      <button type="submit">${label}</button>
    </form>`
  }

  /** What was sent, if it was sent from a page of this node. */
  async receive(request: IncomingMessage, viewer: Viewer, place: Place): Promise<URLSearchParams> {
    const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
    const body = await readBody(request, largestForm)
    if (type !== 'application/x-www-form-urlencoded') throw new Problem(415, 'Only forms are taken here.')
    const form = new URLSearchParams(body.toString('utf8'))
    if (!equal(form.get(field) ?? '', this.#token(viewer, place))) {
      throw new Problem(
        403,
        'This form is not one of this node’s, or older than its last start. Go back and reload the page.',
      )
    }
    return form
  }

  #token({ principal }: Viewer, place: Place): string {
    const purpose = JSON.stringify([principal.name, href(place)])
    return createHmac('sha256', this.#secret).update(purpose).digest('base64url')
  }
}

interface FormOptions {
  readonly label: Html | string
  readonly fields?: readonly (readonly [name: string, value: string])[]
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
