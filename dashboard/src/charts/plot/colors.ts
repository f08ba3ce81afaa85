let probe: HTMLElement | undefined;

/**
 * The colour of a custom property as the browser computes it for the present theme. A canvas knows neither var() nor
 * light-dark().
 */
export function computedColor(property: string): string {
  if (probe === undefined) {
    probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(${property})`;
  return getComputedStyle(probe).color;
}

/** The page's font for a canvas. */
export function canvasFont(sizePx: number): string {
  return `${sizePx}px ${getComputedStyle(document.body).fontFamily}`;
}
