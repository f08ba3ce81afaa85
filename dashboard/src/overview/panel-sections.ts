import {
  PANEL_FACES,
  PANEL_SECTIONS,
  type PanelFace,
} from '../../../src/shared/http-contract/panel-faces.ts';

export interface PanelSection {
  readonly title: string;
  readonly panels: readonly PanelFace[];
}

/** The sections of the page with their panels, known before the API responds: nothing moves when it does. */
export const SECTIONS: readonly PanelSection[] = PANEL_SECTIONS.map((title) => ({
  title,
  panels: PANEL_FACES.filter(({ section }) => section === title),
}));

/** The panel's title; the name itself if a link names a panel that does not exist. */
export function titleOf(name: string): string {
  return PANEL_FACES.find((face) => face.name === name)?.title ?? name;
}
