/** A cookie as a browser keeps it. */
interface Kept {
  readonly value: string
  readonly path: string
  /** As it was set, for tests that look at its attributes. */
  readonly setAs: string
}

/**
 * A browser, as far as signing in takes one: it keeps cookies by name and path, and follows a redirect when it is
 * told to. As in real ones, cookies don't care for ports.
 */
export const openBrowser = () => {
  const jar = new Map<string, Kept>()

  const keep = (setAs: string) => {
    const [pair = '', ...attributes] = setAs.split(';').map((part) => part.trim())
    const name = pair.slice(0, pair.indexOf('='))
    const attribute = (wanted: string) =>
      attributes.find((each) => each.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1)
    const expires = attribute('expires')
    const isGone = attribute('max-age') === '0' || (expires !== undefined && new Date(expires) <= new Date())
    if (isGone) jar.delete(name)
    else jar.set(name, { value: pair.slice(name.length + 1), path: attribute('path') ?? '/', setAs })
  }

  const cookiesFor = (path: string) =>
    [...jar]
      .filter(([, kept]) => kept.path === '/' || path === kept.path || path.startsWith(`${kept.path}/`))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ')

  const go = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = cookiesFor(new URL(url).pathname)
    const headers = new Headers(init.headers)
    if (cookie) headers.set('cookie', cookie)
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const set of response.headers.getSetCookie()) keep(set)
    return response
  }

  return {
    go,
    cookie: (name: string): string | undefined => jar.get(name)?.value,
    setAs: (name: string): string | undefined => jar.get(name)?.setAs,
    /** Puts another value in a cookie, as whoever has the browser can. */
    forge: (name: string, value: string): void => {
      const kept = jar.get(name)
      jar.set(name, { path: '/', setAs: '', ...kept, value })
    },
    forget: (): void => jar.clear(),
  }
}
export type Browser = ReturnType<typeof openBrowser>

/** Where an answer sends a browser. */
export const whereTo = (response: Response): string => {
  const location = response.headers.get('location')
  if (location === null) throw new Error(`no redirect, but ${response.status}`)
  return new URL(location, response.url).href
}

/** Goes to the issuer's page and chooses somebody there (nobody: goes back); answers where that leads: our callback. */
export const chooseAt = async (browser: Browser, authorizeUrl: string, sub?: string): Promise<string> => {
  const chooser = whereTo(await browser.go(authorizeUrl))
  const page = await browser.go(chooser)
  if (page.status !== 200) throw new Error(`the issuer answered ${page.status}`)
  const form = new URLSearchParams(sub === undefined ? { cancel: '1' } : { sub })
  const chosen = whereTo(await browser.go(chooser, { method: 'POST', body: form }))
  return whereTo(await browser.go(chosen))
}
