import type { PanelData } from '../../../src/shared/http-contract/panels.ts';
import { ApiError } from '../api/api-error.ts';

/** Returns the panels of these names, in this order. `parameters` is a query string. */
export type AskPanels = (
  names: readonly string[],
  parameters: string,
  signal: AbortSignal,
) => Promise<readonly PanelData[]>;

export type LoadPanel = (name: string, parameters: string, signal: AbortSignal) => Promise<PanelData>;

/** Cards whose timers end within this share a request. */
const GATHER_MS = 20;
/** One panel's own fault: it does not exist here, or it has too many values. */
const OF_ONE_PANEL = new Set([404, 422]);

interface Caller {
  readonly name: string;
  readonly signal: AbortSignal;
  readonly resolve: (panel: PanelData | Promise<PanelData>) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Puts calls with the same parameters that come at about the same time into one request. That ends when the last of its
 * callers has left. If it fails because of one panel, each caller asks for its own panel.
 */
export function createPanelLoader(ask: AskPanels): LoadPanel {
  const waiting = new Map<string, Caller[]>();

  async function send(parameters: string): Promise<void> {
    const callers = (waiting.get(parameters) ?? []).filter(({ signal }) => !signal.aborted);
    waiting.delete(parameters);
    if (callers.length === 0) return;
    const controller = new AbortController();
    let left = callers.length;
    for (const { signal } of callers) {
      signal.addEventListener('abort', () => --left === 0 && controller.abort(), { once: true });
    }
    const names = [...new Set(callers.map(({ name }) => name))];
    try {
      const panels = await ask(names, parameters, controller.signal);
      for (const { name, resolve, reject } of callers) {
        const panel = panels[names.indexOf(name)];
        if (panel === undefined) reject(new ApiError(`The response has no ${name}.`, 200, 'bad_answer'));
        else resolve(panel);
      }
    } catch (error) {
      const isOfOne = error instanceof ApiError && OF_ONE_PANEL.has(error.status) && names.length > 1;
      for (const { name, signal, resolve, reject } of callers) {
        if (isOfOne)
          resolve(ask([name], parameters, signal).then(([panel]) => panel as PanelData)); // one asked for
        else reject(error);
      }
    }
  }

  return (name, parameters, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<PanelData>();
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    const caller: Caller = { name, signal, resolve, reject };
    const callers = waiting.get(parameters);
    if (callers !== undefined) callers.push(caller);
    else {
      waiting.set(parameters, [caller]);
      setTimeout(() => void send(parameters), GATHER_MS);
    }
    return promise;
  };
}
