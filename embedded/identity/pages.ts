import type { Person } from './people.ts'

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => escapes[sign] ?? sign)

const style = `
  body { font: 17px/1.5 system-ui, sans-serif; max-width: 30rem; margin: 3rem auto; padding: 0 1rem; color: #1d2530; background: #fff }
  h1 { font-size: 1.4rem }
  button { display: flex; gap: 1rem; align-items: center; width: 100%; margin: .5rem 0; padding: .75rem 1rem; font: inherit; color: inherit;
    text-align: left; background: #f5f7fa; border: 1px solid #c8d0da; border-radius: .5rem; cursor: pointer }
  button:hover, button:focus-visible { border-color: #2457c5; outline: 2px solid #2457c5 }
  img { width: 3rem; height: 3rem; border-radius: 50% }
  span span { display: block; color: #56606e; font-size: .9rem }
  a { color: #2457c5 }
  @media (prefers-color-scheme: dark) {
    body { color: #e6eaf0; background: #14181d } button { background: #1f252d; border-color: #3b4552 } span span { color: #a3adba } a { color: #8db1ff }
  }`

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${content}
</body>
</html>
`

/** Everybody, each as a button that says who it is. `action`: where the choice is sent. */
export const chooserPage = (people: readonly Person[], action: string): string =>
  page(
    'Who are you today?',
    `<p>These people live on this machine only, and need no password.</p>
<form method="post" action="${escaped(action)}">
${people
  .map(
    ({ sub, name, email, about }) =>
      `<button name="sub" value="${sub}"><img src="/pictures/${sub}.svg" alt=""><span>${escaped(name)}<span>${escaped(email)}</span><span>${escaped(about)}</span></span></button>`,
  )
  .join('\n')}
<p><button name="cancel" value="1">Nobody: go back without signing in</button></p>
</form>`,
  )

/** What went wrong, in words. */
export const errorPage = (what: string): string => page('That did not work', `<p>${escaped(what)}</p>`)

/** Somebody's initials on a colour of their own. */
export const pictureOf = ({ sub, name }: Person): string => {
  const initials = name
    .split(' ')
    .map((word) => word.slice(0, 1))
    .join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" fill="hsl(${(Number(sub.slice(-2)) * 97) % 360} 55% 38%)"/><text x="48" y="60" font-family="system-ui, sans-serif" font-size="36" fill="#fff" text-anchor="middle">${escaped(initials)}</text></svg>`
}
