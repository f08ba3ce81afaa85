import type { Redis } from 'ioredis';
import type { ListenerObserver } from '../infrastructure/metrics/index.ts';
import { QUEUE_NAME } from '../shared/queue-names.ts';
import { EventFeed } from './events/event-feed.ts';
import { EventStreams } from './events/event-streams.ts';
import { ListenerLimit } from './events/listener-limit.ts';
import { TaskWaits, type Waits } from './events/task-waits.ts';
import { withinLimit } from './tasks/redis-limit.ts';
import type { OneQueue } from './tasks/task-queues.ts';
import type { Tasks } from './tasks/tasks.ts';

/** What tells clients of the end of tasks, and of all that happens to them. */
export interface Events {
  readonly waits: Waits;
  /** The streams of a queue, of the default one without a name. Throws ASDLC_INPUT_INVALID for a name that nobody knows. */
  readonly streamsOf: (queue?: string) => EventStreams;
  /** Answers all who wait, and ends all streams. */
  close(): void;
}

export interface EventsDependencies {
  /** Makes a connection for blocking reads. */
  readonly connect: () => Redis;
  readonly observer: ListenerObserver;
}

/** Each queue has a feed of its own: one connection, and none while nobody listens. */
export function createEvents(
  { queues, store }: Pick<Tasks, 'queues' | 'store'>,
  { connect, observer }: EventsDependencies,
): Events {
  const [streamLimit, waitLimit] = [
    new ListenerLimit('stream', observer),
    new ListenerLimit('wait', observer),
  ];
  const all = queues.all.map((queue) => {
    const { queueRedis } = queue;
    const feed = new EventFeed({ connect, keyOf: queueRedis.keyOf, withinLimit });
    const streams = new EventStreams({ feed, queueRedis, withinLimit, limit: streamLimit, observer });
    const waits = new TaskWaits({ feed, look: (id) => store.get(id), limit: waitLimit });
    return { queue, feed, streams, waits };
  });
  const of = (queue: OneQueue) => all.find((each) => each.queue === queue) as (typeof all)[number]; // one for each
  return {
    waits: {
      get isFull() {
        return waitLimit.isFull;
      },
      wait: async (id, limits) => of(await withinLimit(() => queues.ofTask(id))).waits.wait(id, limits),
    },
    streamsOf: (queue = QUEUE_NAME) => of(queues.named(queue)).streams,
    close: () => {
      for (const { streams, feed } of all) {
        streams.close();
        feed.close();
      }
    },
  };
}
