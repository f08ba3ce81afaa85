import type { Signal } from '@preact/signals';
import type { TaskEvent } from '../../../src/shared/http-contract/task-events.ts';
import { scopeToRead } from '../api/access.ts';
import { knowAccess } from '../api/client.ts';
import type { OnNews } from '../api/task-news.ts';
import { currentToken } from '../api/token.ts';

const PATH = '/api/events';
/** A heartbeat comes every 10 s. */
const SILENCE_MS = 35_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export interface News {
  /** Set while news come as they happen. */
  readonly isFollowing: Signal<boolean>;
  readonly onNews: OnNews;
}

/** Opens the stream again and again, each time from now on: what happened meanwhile, the lists show. */
export async function followEvents(ended: AbortSignal, news: News): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; !ended.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const hadNews = await readStream(ended, news).catch(() => false);
    if (ended.aborted) return;
    news.isFollowing.value = false;
    if (hadNews) pauseMs = FIRST_PAUSE_MS;
    await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random() / 2)));
  }
}

/** Returns whether it could be read, once it has ended. */
async function readStream(ended: AbortSignal, news: News): Promise<boolean> {
  const { isFollowing } = news;
  const scope = scopeToRead(PATH);
  const { scopes } = await knowAccess();
  if (scope !== undefined && !scopes.includes(scope)) return false;
  const silence = new AbortController();
  const notice = () => setTimeout(() => silence.abort(), SILENCE_MS);
  let timer = notice();
  try {
    const token = currentToken();
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(PATH, { headers, signal: AbortSignal.any([ended, silence.signal]) });
    if (!response.ok) return false;
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { value, done } = (await reader?.read()) ?? { value: '', done: true };
      clearTimeout(timer);
      timer = notice();
      if (done) return isFollowing.value;
      const blocks = (text + value).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) tell(block, news);
    }
  } catch {
    return isFollowing.value;
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** A list that was read before the stream was ready may lack something: it is read again. */
function tell(block: string, { isFollowing, onNews }: News): void {
  const kind = /^event: (.*)$/m.exec(block)?.[1];
  if (kind === undefined) return;
  if (kind === 'ready') isFollowing.value = true;
  const data = /^data: (.*)$/m.exec(block)?.[1];
  const event = kind === 'task' ? (JSON.parse(data ?? '{}') as TaskEvent) : undefined; // the API's contract
  onNews(event);
}
