import { STATUS_CODES } from 'node:http'

import { isOurFault, StatusError } from '../grpc/status.ts'
import { Problem } from '../http/problem.ts'
import { html } from './html.ts'
import { page, type Page } from './page.ts'

/** Why a page can't be shown, in words for whoever asked for it. */
export const badRequest = (message: string): Problem => new Problem(400, message)
export const noSuchPage = (message: string): Problem => new Problem(404, message)
export const goneForGood = (message: string): Problem => new Problem(410, message)

const titles: Readonly<Record<number, string>> = {
  400: 'That can’t be asked for',
  401: 'Please log in',
  403: 'Not allowed',
  404: 'Nothing here',
  410: 'Deleted',
}

/** Whatever was thrown, as a page. */
export function problemPage(error: unknown): Page {
  const { status, message } = problemOf(error)
  const title = titles[status] ?? STATUS_CODES[status] ?? 'Error'
  const body = html`<h1>${title}</h1>
    <p class="state">${message}</p>`
  return page(title, body, { status })
}

function problemOf(error: unknown): Pick<Problem, 'status' | 'message'> {
  if (error instanceof Problem) return error
  // The log's readers refuse in the words of gRPC; what they refuse is what the address asked for.
  if (error instanceof StatusError && !isOurFault(error)) return badRequest(error.status.message)
  return new Problem(500, 'The node failed to make this page; its own output says more.')
}
