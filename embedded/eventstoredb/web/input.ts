import type { Direction } from './places.ts'
import { badRequest } from './problem.ts'

/** What a URL asks for, once it is known to make sense. */
export function wholeNumber(text: string | null | undefined, what: string): number | undefined {
  if (text === null || text === undefined || text.trim() === '') return undefined
  const digits = text.trim()
  if (!/^\d+$/u.test(digits)) throw badRequest(`“${digits}” is no ${what}: that is a whole number from 0 on.`)
  const value = Number(digits)
  if (!Number.isSafeInteger(value)) throw badRequest(`No ${what} is as large as ${digits}.`)
  return value
}

export function required(text: string | null | undefined, what: string): string {
  if (text === null || text === undefined || text === '') throw badRequest(`The address lacks a ${what}.`)
  return text
}

export function directionOf(query: URLSearchParams): Direction {
  const direction = query.get('direction') ?? 'backwards'
  if (direction === 'backwards' || direction === 'forwards') return direction
  throw badRequest(`“${direction}” is no direction: backwards and forwards are.`)
}

/** Whether what the node itself writes is left out; `usually` says what holds unless something is said. */
export function systemOf(query: URLSearchParams, usually: 'hide' | 'show' = 'show'): 'hide' | undefined {
  const system = query.get('system') ?? usually
  if (system === 'hide') return 'hide'
  if (system === 'show') return undefined
  throw badRequest(`System events can be shown or hidden, not “${system}”.`)
}
