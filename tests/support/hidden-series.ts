import assert from 'node:assert/strict';
import { END } from './tsdb.ts';

/** Queries that try to see series of service a when only those of service b are allowed. */
export const ADVERSARIAL = [
  'secret',
  't or secret',
  'secret{service="a"}',
  'secret{service="a",}',
  'secret{service=~".*"}',
  'secret{service!="b"}',
  'secret{service!="b",service!~"b|c"}',
  '{service="a"}',
  '{__name__="secret"}',
  '{__name__=~".+"}',
  't # comment\rsecret',
  't #\r or secret\n',
  't # or\r\nor secret',
  'secret # comment\n{service="a"}',
  'secret{ # comment\n service="a" # comment\n}',
  'secret #\r{service="a"}\n{service="a"}',
  't #\r or secret #\n{service="a"}',
  "t{kind='x\\'} or secret{a=\\''}",
  't{kind="x\\"} or secret{a=\\""}',
  't{kind=`x\\`} or secret{kind!=`"`}',
  't{kind="\\\\"} or secret{only_a="yes"}',
  't{kind=~"x|} or secret{"}',
  '"a\n" == "b\n" or secret',
  'label_join(t, "x\n, "or secret or"\n, "y")',
  'sum(secret)',
  'sum by (service) (secret) or sum(secret{service="a"})',
  'max_over_time(secret[10m:1s])',
  'max_over_time(secret{service="a"}[5m])',
  'max_over_time((secret or t)[10m:])',
  'secret offset 1s',
  'secret offset -1s',
  `secret @ ${END}`,
  'secret @ end()',
  'secret @ start() offset -5s',
  'label_replace(secret, "service", "b", "", "")',
  't * on (kind) group_left () secret or secret',
  't unless on () secret or secret',
  'absent(nothing) * on () group_right () secret',
  '{"secret"}',
  '{"secret", service="a"}',
  '{"service"="a"}',
  '{"secret", "service"="a"}',
  '{"__name__"="secret"}',
  't{service="a" or service="b"}',
  '{service="b" or service="a"}',
  'secret{service="b" or only_a="yes"}',
  'secret{}',
  'secret {}',
  'secret\t\n{\n}',
  '(((secret)))',
  '-secret * -1',
  'info(t, {service="a"}) or secret',
  'WITH (x = secret) x',
  'secret keep_metric_names',
  'union(t, secret)',
  'secret and on () vector(1) # } #\r#',
];

/** Fails when a response shows anything of service a. */
export function assertHidden(
  what: string,
  { status, body }: { status: number; body: { data?: unknown } },
): void {
  assert.ok([200, 400, 422].includes(status), `${what}: ${status}`);
  const shown = JSON.stringify(body.data ?? null);
  assert.ok(!/"-?42"|"service":"a"|only_a|"secret"/.test(shown), `${what}: ${shown}`);
}
