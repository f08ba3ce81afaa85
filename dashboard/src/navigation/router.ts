import { computed, signal } from '@preact/signals';

/*
 * Pages by path, over the history API. Links are plain <a href>. One listener handles clicks on links to our own pages;
 * all others (new tab, other origins, /docs) are left to the browser.
 */

export type Page = 'overview' | 'why' | 'tasks' | 'schedules' | 'workers' | 'explore' | 'unknown';

const url = signal(new URL(window.location.href));

export const search = computed(() => url.value.searchParams);
export const path = computed(() => url.value.pathname);
export const page = computed<Page>(() => pageOf(path.value));
/** The id in /tasks/:id. */
export const taskId = computed(() => idIn(/^\/tasks\/([^/]+)\/?$/));
/** The id in /schedules/:id. */
export const scheduleId = computed(() => idIn(/^\/schedules\/([^/]+)\/?$/));

export function pageOf(pathname: string): Page {
  if (pathname === '/') return 'overview';
  if (/^\/why\/?$/.test(pathname)) return 'why';
  if (/^\/tasks(\/[^/]*)?\/?$/.test(pathname)) return 'tasks';
  if (/^\/schedules(\/[^/]*)?\/?$/.test(pathname)) return 'schedules';
  if (/^\/workers\/?$/.test(pathname)) return 'workers';
  return /^\/explore\/?$/.test(pathname) ? 'explore' : 'unknown';
}

export interface NavigateOptions {
  /** Replaces the current step of the history: Back does not return to it. */
  readonly replace?: boolean;
}

export function navigate(href: string, { replace = false }: NavigateOptions = {}): void {
  const next = new URL(href, window.location.href);
  if (next.href === window.location.href) return;
  const samePage = next.pathname === window.location.pathname;
  window.history[replace ? 'replaceState' : 'pushState'](null, '', next);
  url.value = next;
  if (!samePage) window.scrollTo(0, 0);
}

/** Changes parameters of the page's URL: a list sets one several times, null removes one; the others stay. */
export function setSearch(
  changes: Readonly<Record<string, string | readonly string[] | null>>,
  options?: NavigateOptions,
): void {
  const next = new URL(window.location.href);
  for (const [name, value] of Object.entries(changes)) {
    next.searchParams.delete(name);
    for (const each of value === null ? [] : [value].flat()) next.searchParams.append(name, each);
  }
  navigate(next.href, options);
}

/** Starts to follow the browser's history and clicks on links. */
export function startRouter(): void {
  window.addEventListener('popstate', () => {
    url.value = new URL(window.location.href);
  });
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.origin !== window.location.origin || link.target !== '' || link.hasAttribute('download')) return;
    if (pageOf(link.pathname) === 'unknown' || link.getAttribute('href')?.startsWith('#')) return;
    event.preventDefault();
    navigate(link.href);
  });
}

function idIn(pattern: RegExp): string | null {
  const [, id] = pattern.exec(path.value) ?? [];
  return id === undefined ? null : decoded(id);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
