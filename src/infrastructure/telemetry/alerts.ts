import type { AlertSettings, RuleGroup } from './alerts/alert.ts';
import { USUAL_SETTINGS } from './alerts/alert.ts';
import { checkObjectives, objectiveAlerts, objectiveRecordings } from './alerts/objectives.ts';
import { processAlerts } from './alerts/processes.ts';
import { REDIS_ALERTS } from './alerts/redis.ts';
import { TASK_ALERTS, TASK_RECORDINGS } from './alerts/tasks.ts';

/*
 * Every alert of asdlc, as data. Rules, runbooks and the overview derive from it. The limits that people also see are in
 * shared/http-contract/thresholds.ts.
 */

/** Returns the rules for the given settings. Throws for objectives that make no sense. */
export function ruleGroups(settings: AlertSettings = USUAL_SETTINGS): readonly RuleGroup[] {
  checkObjectives(settings);
  return [
    { name: 'asdlc-processes', recordings: [], alerts: processAlerts(settings) },
    { name: 'asdlc-redis', recordings: [], alerts: REDIS_ALERTS },
    { name: 'asdlc-tasks', recordings: TASK_RECORDINGS, alerts: TASK_ALERTS },
    {
      name: 'asdlc-objectives',
      recordings: objectiveRecordings(settings),
      alerts: objectiveAlerts(settings),
    },
  ];
}
