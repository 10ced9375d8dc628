import type { EventStoreDBNode } from '../node.ts'

export const admin = { authorization: `Basic ${btoa('admin:changeit')}` }
export const ops = { authorization: `Basic ${btoa('ops:changeit')}` }

export interface Visited {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** The node's address for a browser. */
export const originOf = (node: EventStoreDBNode): string => `http://${node.host}:${node.port}`

/** Looks at pages as a browser without script would; redirects are not followed. */
export function visitor(node: EventStoreDBNode) {
  return async (path: string, init: RequestInit = {}): Promise<Visited> => {
    const response = await fetch(originOf(node) + path, { redirect: 'manual', ...init })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
}

/** What a reader sees: the text without the markup, spaces as one. */
export const wordsIn = (markup: string): string =>
  markup
    .replaceAll(/<head>.*<\/head>|<[^>]*>/gsu, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/gu, ' ')

/** Numbers of the events on a page, from the top. */
export const revisionsIn = ({ text }: Pick<Visited, 'text'>): number[] =>
  [...text.matchAll(/class="revision"[^>]*>\s*(\d+)\s*</gu)].map(([, number]) => Number(number))

export const positionsIn = ({ text }: Visited): number[] =>
  [...text.matchAll(/href="\/web\/all\?from=(\d+)"\s*>\s*\1\s*</gu)].map(([, position]) => Number(position))

/** Where a link with these words leads. */
export function linkIn(page: Visited, words: string): string {
  const found = findLink(page, words)
  if (found === undefined) throw new Error(`No link says “${words}”.`)
  return found
}

export function findLink({ text }: Visited, words: string): string | undefined {
  for (const [, target = '', inner = ''] of text.matchAll(
    /<a\b[^>]*\bhref="([^"]*)"[^>]*>(.*?)<\/a\s*>/gsu,
  )) {
    if (wordsIn(inner).trim() === words) return target.replaceAll('&amp;', '&')
  }
  return undefined
}

/** The address of a page's feed. */
export function feedIn({ text }: Visited): string {
  const found = /data-follow="([^"]*)"/u.exec(text)?.[1]
  if (found === undefined) throw new Error('This page can’t be followed.')
  return found.replaceAll('&amp;', '&')
}

/** The fields of the one form on a page that changes something. */
export function formIn({ text }: Visited): { action: string; fields: URLSearchParams } {
  const [, action = '', inner = ''] =
    /<form[^>]*method="post"[^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/su.exec(text) ?? []
  if (action === '') throw new Error('There is no such form.')
  const fields = new URLSearchParams()
  for (const [input] of inner.matchAll(/<input[^>]*>/gu)) {
    fields.append(/name="([^"]*)"/u.exec(input)?.[1] ?? '', /value="([^"]*)"/u.exec(input)?.[1] ?? '')
  }
  return { action, fields }
}
