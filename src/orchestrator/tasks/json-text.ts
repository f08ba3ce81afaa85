import { type EndOfStep, inSlices } from '../../shared/service/time-slice.ts';
import { digestJson } from './json-digest.ts';
import { readJson } from './json-reader.ts';

/** A value as its valid JSON text. The values of a text may take 20 times its memory, and it is only passed on. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Whether both have the same value, however it is written. */
  async equals(other: JsonText, endOfStep?: EndOfStep): Promise<boolean> {
    if (this.text === other.text) return true;
    const own = await inSlices(digestJson(this.text), endOfStep);
    return own === (await inSlices(digestJson(other.text), endOfStep));
  }
}

/** Undefined for a text that is no JSON. */
export async function storedJson(text: string | undefined): Promise<JsonText | undefined> {
  if (text === undefined) return undefined;
  try {
    await inSlices(readJson(text, { place: 'stored' }));
    return new JsonText(text);
  } catch {
    return undefined;
  }
}
