import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

const LINES = 2;
/** Kept free for the button that stands for the rest, in pixels. */
const MORE_WIDTH = 72;
const CHARACTER_WIDTH = 6;

/**
 * How many of a list's items fit into its first two lines, beside a button for the rest that also says `folded`; all if
 * `items` is null. It measures again when `items` or the width changes. Hide items that do not fit with `visibility`: they
 * must stay in the layout to be measured.
 */
export function useFittingCount(
  list: RefObject<HTMLElement | null>,
  items: readonly unknown[] | null,
  folded: string,
): number {
  const [fitting, setFitting] = useState(Number.POSITIVE_INFINITY);
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null || items === null) return;
    const measure = () => setFitting(fittingIn(element, folded));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [items, folded]);
  return items === null ? Number.POSITIVE_INFINITY : Math.min(fitting, items.length);
}

function fittingIn(element: HTMLElement, folded: string): number {
  const boxes = Array.from(element.children, (child) => child.getBoundingClientRect());
  const tops = [...new Set(boxes.map(({ top }) => Math.round(top)))].sort((a, b) => a - b);
  const last = tops[LINES - 1];
  if (last === undefined || (tops.length === LINES && folded === '')) return boxes.length;
  const right = element.getBoundingClientRect().right - MORE_WIDTH - CHARACTER_WIDTH * folded.length;
  return boxes.filter(
    (box) => Math.round(box.top) < last || (Math.round(box.top) === last && box.right <= right),
  ).length;
}
