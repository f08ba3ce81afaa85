import { variableNames } from '../config.ts';
import { nearestName } from '../nearest-name.ts';
import type { Logger } from './logging.ts';

/** Prefixes that only variables of asdlc have. Others, such as SERVICE_ or LOG_, are common to many programs. */
const OWN_PREFIX = /^(ASDLC|QUERY|WORKER|TASK|VICTORIAMETRICS)_/;

/** Kubernetes and Docker set such variables in every container, for each service: VICTORIAMETRICS_SERVICE_HOST. */
const SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT|PORT_\d+_(TCP|UDP)(_\w+)?)$/;

/**
 * Returns a sentence for each variable that is set and that no process of asdlc reads, though its name looks like one
 * of asdlc's: it has such a prefix, or it is nearly the name of a known variable.
 */
export function describeUnknownVariables({ known, set } = variableNames()): string[] {
  return set.flatMap((name) => {
    if (known.has(name) || SERVICE_LINK.test(name) || !/^[A-Z][A-Z0-9_]*$/.test(name)) return [];
    const nearest = nearestName(name, known);
    if (nearest !== undefined) return [`asdlc does not know the variable ${name}. Did you mean ${nearest}?`];
    return OWN_PREFIX.test(name) ? [`asdlc does not know the variable ${name}: it has no effect.`] : [];
  });
}

/** Logs a warning for each unknown variable. The local stack shows them itself, and is connected to its children. */
export function warnAboutUnknownVariables(logger: Logger): void {
  if (process.connected) return;
  for (const text of describeUnknownVariables()) logger.warn(text);
}
