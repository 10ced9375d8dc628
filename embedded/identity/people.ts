import type { AccountClaims } from 'oidc-provider'
import { ADMIN_ADDRESS } from './defaults.ts'

/** Somebody to sign in as. */
export interface Person {
  /** Stays the same across restarts, as with Google, so that the same person comes back. */
  readonly sub: string
  readonly email: string
  readonly emailVerified: boolean
  readonly name: string
  readonly locale: string
  /** Shown where one is chosen. */
  readonly about: string
}

/** The people of the local issuer. */
export const people: readonly Person[] = [
  {
    sub: '100000000000000000001',
    email: ADMIN_ADDRESS,
    emailVerified: true,
    name: 'Ada Marlow',
    locale: 'en',
    about: 'runs the shop: npm start makes her an admin',
  },
  {
    sub: '100000000000000000002',
    email: 'ben@people.example',
    emailVerified: true,
    name: 'Ben Okafor',
    locale: 'en-GB',
    about: 'a customer',
  },
  {
    sub: '100000000000000000003',
    email: 'vera@people.example',
    emailVerified: true,
    name: 'Вера Соколова',
    locale: 'ru',
    about: 'a customer who reads Russian',
  },
  {
    sub: '100000000000000000004',
    email: 'eve@people.example',
    emailVerified: false,
    name: 'Eve Newman',
    locale: 'en',
    about: 'has not shown that her address is hers, so she can’t sign in',
  },
]

export const personOf = (sub: string): Person | undefined => people.find((person) => person.sub === sub)

/** What ID tokens say of somebody, by Google's names. */
export const claimsOf = (person: Person, issuer: string): AccountClaims => ({
  sub: person.sub,
  email: person.email,
  email_verified: person.emailVerified,
  name: person.name,
  picture: `${issuer}/pictures/${person.sub}.svg`,
  locale: person.locale,
})
