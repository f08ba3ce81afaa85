/** The meaning of a state. Each tone has the same colour and shape everywhere. */
export type Tone = 'success' | 'warning' | 'failure' | 'active' | 'neutral';
