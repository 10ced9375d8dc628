import { z } from 'zod'

import type { Server } from './server.ts'

export const atom = 'application/vnd.eventstore.atom+json'
export const events = 'application/vnd.eventstore.events+json'

/** A stream's name as part of a path. */
export const path = (stream: string): string => `/streams/${encodeURIComponent(stream)}`

export interface Options {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream
  readonly signal?: AbortSignal
}

export type Requests = (method: string, url: string, options?: Options) => Promise<Response>

/** Requests to the node's HTTP API, by path or by the addresses that it gave out; redirects are not followed. */
export function requestsTo(server: Pick<Server, 'url'>): Requests {
  const { host, searchParams } = new URL(server.url)
  const base = `${searchParams.get('tls') === 'false' ? 'http' : 'https'}://${host}`
  return (method, url, { headers = {}, body, signal } = {}) =>
    fetch(new URL(url, base), {
      method,
      headers: { accept: atom, ...headers },
      redirect: 'manual',
      ...(body === undefined ? {} : { body, duplex: 'half' as const }),
      ...(signal === undefined ? {} : { signal }),
    })
}

const entry = z.looseObject({
  title: z.string(),
  summary: z.string(),
  id: z.string(),
  eventType: z.string().optional(),
  eventNumber: z.number().optional(),
  data: z.string().optional(),
})

const feed = z.looseObject({
  title: z.string(),
  headOfStream: z.boolean(),
  eTag: z.string().optional(),
  links: z.array(z.object({ uri: z.string(), relation: z.string() })),
  entries: z.array(entry),
})

export type Feed = z.infer<typeof feed>

export async function feedIn(response: Response): Promise<Feed> {
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
  return feed.parse(await response.json())
}

export const linkOf = ({ links }: Feed, relation: string): string | undefined =>
  links.find((link) => link.relation === relation)?.uri

export const relationsOf = ({ links }: Feed): string[] => links.map(({ relation }) => relation)

export const titlesOf = ({ entries }: Feed): string[] => entries.map(({ title }) => title)

export const numbersOf = (page: Feed): number[] => titlesOf(page).map((title) => Number.parseInt(title, 10))

const note = z.object({ note: z.string() })

/** What was noted, of a feed that embeds its events' data. */
export const notesOf = ({ entries }: Feed): string[] =>
  entries.map(({ data }) => note.parse(JSON.parse(data ?? '{}')).note)

/** The words of a refusal. */
export async function detailOf(response: Response): Promise<string> {
  const problem = z.object({ status: z.number(), title: z.string(), detail: z.string() })
  return problem.parse(await response.json()).detail
}
