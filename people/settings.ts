import { z } from 'zod'
import { SigningKeysText } from './signingKeys.ts'

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** Whether what goes to a URL can't be read on its way: by TLS, or as it never leaves this machine. */
export const isPrivate = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname))

/** An OpenID issuer: its tokens are worth what its TLS is, so it has some, unless it is on this machine. */
const issuerUrl = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || url.username || url.password || url.search || url.hash) return false
  return isPrivate(url)
}, 'must be an https:// URL, or http:// on this machine, without user, query and fragment')

/** How people sign in (docs/people.md). */
export const peopleSettings = {
  GOOGLE_CLIENT_ID: z.string().optional(),
  GOOGLE_CLIENT_SECRET: z.string().optional(),
  GOOGLE_ISSUER: issuerUrl.default('https://accounts.google.com'),
  /** Private keys on P-256, the first one signs access tokens. */
  AUTH_SIGNING_KEYS: SigningKeysText.optional(),
  /** Whoever signs in with this address is an admin. */
  ADMIN_EMAIL: z.email('must be an e-mail address').toLowerCase().optional(),
} as const

const peopleObject = z.object(peopleSettings)
export type PeopleSettings = z.infer<typeof peopleObject>

const needed = ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET', 'AUTH_SIGNING_KEYS'] as const

/** For `superRefine`: whoever issues tokens needs all that it takes. */
export const mustBeAbleToSignIn = (
  settings: PeopleSettings & { readonly AUTH_MODE: 'header' | 'jwt' },
  context: z.core.$RefinementCtx,
): void => {
  if (settings.AUTH_MODE === 'header') return
  for (const name of needed)
    if (settings[name] === undefined)
      context.addIssue({
        code: 'custom',
        path: [name],
        message: 'must be set where AUTH_MODE is jwt',
        input: undefined,
      })
}
