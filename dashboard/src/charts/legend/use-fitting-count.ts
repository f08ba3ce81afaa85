import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

const LINES = 2;
/** Kept free for the button that stands for the rest. */
const MORE_WIDTH = 72;

/**
 * How many of a list's items fit into its first two lines; all if `items` is null. It measures again when `items` or the
 * width changes. Hide items that do not fit with `visibility`: they must stay in the layout to be measured.
 */
export function useFittingCount(
  list: RefObject<HTMLElement | null>,
  items: readonly unknown[] | null,
): number {
  const [fitting, setFitting] = useState(Number.POSITIVE_INFINITY);
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null || items === null) return;
    const measure = () => setFitting(fittingIn(element));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [items]);
  return items === null ? Number.POSITIVE_INFINITY : Math.min(fitting, items.length);
}

function fittingIn(element: HTMLElement): number {
  const boxes = Array.from(element.children, (child) => child.getBoundingClientRect());
  const tops = [...new Set(boxes.map(({ top }) => Math.round(top)))].sort((a, b) => a - b);
  const [last] = tops.slice(0, LINES).slice(-1);
  if (last === undefined || tops.length <= LINES) return boxes.length;
  const right = element.getBoundingClientRect().right - MORE_WIDTH;
  return boxes.filter(
    (box) => Math.round(box.top) < last || (Math.round(box.top) === last && box.right <= right),
  ).length;
}
