import sparticuz from '@sparticuz/chromium'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

/** Switches that would make the browser more lenient than those of people, or less steady. */
const unwanted = ['--disable-web-security', '--allow-running-insecure-content', '--single-process']

/** CHROME_PATH names a browser of the system; else the packaged one is unpacked, which takes a few seconds. */
export async function startBrowser(): Promise<Browser> {
  const path = process.env['CHROME_PATH']
  return chromium.launch({
    executablePath: path ?? (await sparticuz.executablePath()),
    args: path === undefined ? sparticuz.args.filter((arg) => !unwanted.includes(arg)) : [],
    timeout: 120_000,
  })
}

/** A page of its own, with all that went wrong on it. */
export interface Tab {
  readonly page: Page
  /** Errors on the console (violations of the policy among them), of scripts, and requests that failed. */
  readonly troubles: readonly string[]
  note(trouble: string): void
  close(): Promise<void>
}

export async function openTab(browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  const troubles: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => troubles.push(`script: ${error.message}`))
  page.on('requestfailed', (request) => {
    // A feed ends when its page is left.
    const ended = request.failure()?.errorText === 'net::ERR_ABORTED' && request.url().includes('/web/live/')
    if (!ended) troubles.push(`request: ${request.url()} ${request.failure()?.errorText}`)
  })
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return { page, troubles, note: (trouble) => troubles.push(trouble), close: () => context.close() }
}
