/** What a state means; its colour and shape are the same everywhere. */
export type Tone = 'success' | 'warning' | 'failure' | 'active' | 'neutral';
