import type { JWK } from 'jose'
import { interactionPolicy, Provider } from 'oidc-provider'
import type { AdapterFactory } from 'oidc-provider'
import { errorPage } from './pages.ts'
import { claimsOf, personOf } from './people.ts'

/** Who may send people here to sign in. */
export interface ClientSettings {
  readonly id: string
  readonly secret: string
  /** Where people are sent back to. On loopback, any port counts. */
  readonly redirectUris: readonly string[]
}

export interface ProviderOptions {
  readonly issuer: string
  readonly client: ClientSettings
  readonly keys: readonly JWK[]
  readonly cookieKey: string
  readonly adapter: AdapterFactory
}

/**
 * As Google: who is asked, is asked to choose an account. Nobody is asked whether the client may know their address:
 * it is ours.
 */
const askWho = () => {
  const policy = interactionPolicy.base()
  policy.remove('consent')
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0)
  return policy
}

/** An OpenID provider that trusts its one client, and asks people nothing but who they are. */
export const providerOf = ({ issuer, client, keys, cookieKey, adapter }: ProviderOptions): Provider =>
  new Provider(issuer, {
    adapter,
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [...client.redirectUris],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        application_type: client.redirectUris.every((uri) => uri.startsWith('http:')) ? 'native' : 'web',
        id_token_signed_response_alg: 'RS256',
      },
    ],
    jwks: { keys: [...keys] },
    cookies: { keys: [cookieKey] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'picture', 'locale'] },
    // Google says it all in the ID token.
    conformIdTokenClaims: false,
    pkce: { required: () => false },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false } },
    interactions: { policy: askWho(), url: (_, { uid }) => `/choose/${uid}` },
    ttl: {
      AccessToken: 3_600,
      AuthorizationCode: 60,
      Grant: 3_600,
      IdToken: 3_600,
      Interaction: 600,
      Session: 3_600,
    },
    renderError: (ctx, { error, error_description }) => {
      ctx.type = 'html'
      ctx.body = errorPage(`${error}: ${error_description ?? 'no more is known'}`)
    },
    findAccount: (_, sub) => {
      const person = personOf(sub)
      return person && { accountId: sub, claims: () => claimsOf(person, issuer) }
    },
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        clientId: client.id,
        ...(oidc.session?.accountId === undefined ? {} : { accountId: oidc.session.accountId }),
      })
      grant.addOIDCScope([...oidc.requestParamScopes].join(' '))
      await grant.save()
      return grant
    },
  })
