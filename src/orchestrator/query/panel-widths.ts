import { ResultTooLarge } from '../../infrastructure/victoria-metrics/query-errors.ts';
import { MIN_PANEL_WIDTH } from '../../shared/http-contract/limits.ts';
import { RecentMap } from '../../shared/recent-map.ts';

/** After this a panel is asked for at its full width again: its series may be fewer. */
const REMEMBERED_MS = 5 * 60_000;
const MAX_REMEMBERED = 1_000;

/**
 * Reads panels with fewer points than asked for where they have too many series for all of them. It remembers how many
 * points fit, so that the next request does not ask the TSDB in vain.
 */
export class PanelWidths {
  readonly #known = new RecentMap<string, { readonly width: number; readonly untilMs: number }>(
    MAX_REMEMBERED,
  );

  /** Calls `read` with half the points until they fit. `key` says which panel of which series. */
  async fit<T>(
    key: string,
    read: (maxWidth: number | undefined) => { readonly points: number; readonly data: Promise<T> },
  ): Promise<T> {
    for (;;) {
      const { points, data } = read(this.#widthOf(key));
      try {
        return await data;
      } catch (error) {
        const half = Math.floor(points / 2);
        if (!(error instanceof ResultTooLarge)) throw error;
        this.#known.delete(key);
        if (half < MIN_PANEL_WIDTH) throw error;
        this.#known.set(key, { width: half, untilMs: performance.now() + REMEMBERED_MS });
      }
    }
  }

  #widthOf(key: string): number | undefined {
    const known = this.#known.get(key);
    return known !== undefined && known.untilMs > performance.now() ? known.width : undefined;
  }
}
