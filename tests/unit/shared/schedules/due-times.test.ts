import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dueTimes, type Timing } from '../../../../src/shared/schedules/due-times.ts';

const MINUTE_MS = 60_000;

/** All due times from one time to another. */
function dueBetween(timing: Timing, from: string, to: string): string[] {
  const next = dueTimes(timing);
  const found: string[] = [];
  let at = next(Date.parse(from) - 1);
  while (at !== undefined && at < Date.parse(to)) {
    found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'));
    at = next(at);
  }
  return found;
}

const berlin = (cron: string) => ({ cron, time_zone: 'Europe/Berlin' });
const newYork = (cron: string) => ({ cron, time_zone: 'America/New_York' });
const utc = (cron: string) => ({ cron, time_zone: 'UTC' });

/** The day of the month with the nth Sunday; the last for -1. */
function sunday(year: number, month: number, nth: number): number {
  const days = Array.from({ length: new Date(Date.UTC(year, month, 0)).getUTCDate() }, (_, i) => i + 1);
  return days.filter((day) => new Date(Date.UTC(year, month - 1, day)).getUTCDay() === 0).at(nth) ?? 0;
}

/** Local time to the minute as `2026-03-29 03:30`, by another way than the code uses. */
const localTime = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return (ms: number) => format.format(ms);
};

describe('a daily cron at a time that is skipped or comes twice', () => {
  for (let year = 2024; year <= 2031; year += 1) {
    it(`runs once a day in ${year}, an hour later or at the first of two times`, () => {
      const [march, october] = [sunday(year, 3, -1), sunday(year, 10, -1)];
      const day = (month: string, date: number) =>
        new Date(Date.UTC(year, Number(month) - 1, date)).toISOString().slice(0, 10);
      assert.deepEqual(dueBetween(berlin('30 2 * * *'), day('03', march - 1), day('03', march + 2)), [
        `${day('03', march - 1)}T01:30Z`,
        `${day('03', march)}T01:30Z`, // 03:30 of the summer
        `${day('03', march + 1)}T00:30Z`,
      ]);
      assert.deepEqual(dueBetween(berlin('30 2 * * *'), day('10', october - 1), day('10', october + 2)), [
        `${day('10', october - 1)}T00:30Z`,
        `${day('10', october)}T00:30Z`, // the first 02:30
        `${day('10', october + 1)}T01:30Z`,
      ]);
      const [second, first] = [sunday(year, 3, 1), sunday(year, 11, 0)];
      assert.deepEqual(dueBetween(newYork('30 2 * * *'), day('03', second - 1), day('03', second + 2)), [
        `${day('03', second - 1)}T07:30Z`,
        `${day('03', second)}T07:30Z`,
        `${day('03', second + 1)}T06:30Z`,
      ]);
      assert.deepEqual(dueBetween(newYork('30 1 * * *'), day('11', first), day('11', first + 2)), [
        `${day('11', first)}T05:30Z`,
        `${day('11', first + 1)}T06:30Z`,
      ]);
    });
  }

  it('has one due time for each day of three years', () => {
    for (const timing of [berlin('30 2 * * *'), newYork('15 2 * * *')]) {
      const found = dueBetween(timing, '2024-01-01T12:00Z', '2027-01-01T12:00Z');
      assert.equal(found.length, 1096);
      const dates = new Set(found.map((time) => localTime(timing.time_zone)(Date.parse(time)).slice(0, 10)));
      assert.equal(dates.size, 1096);
    }
  });

  it('does not depend on the time that it is asked from', () => {
    const next = dueTimes(berlin('30 2 * * *'));
    const expected = dueBetween(berlin('30 2 * * *'), '2026-10-24', '2026-10-28').map((time) =>
      Date.parse(time),
    );
    for (let at = Date.parse('2026-10-24T00:00Z'); at < Date.parse('2026-10-26T00:00Z'); at += 10 * MINUTE_MS)
      assert.equal(
        next(at),
        expected.find((due) => due > at),
        new Date(at).toISOString(),
      );
    const spring = dueTimes(berlin('30 2 * * *'));
    assert.equal(spring(Date.parse('2026-03-29T01:10Z')), Date.parse('2026-03-29T01:30Z'));
  });
});

describe('a cron of every hour', () => {
  /** What an hour-by-hour look at the clock finds: each minute of real time whose local time has the minute. */
  const byTheClock = (timeZone: string, minute: number, from: string, to: string) => {
    const local = localTime(timeZone);
    const found: string[] = [];
    for (let at = Date.parse(from); at < Date.parse(to); at += MINUTE_MS) {
      if (Number(local(at).slice(-2)) === minute)
        found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'));
    }
    return found;
  };

  it('follows real time on the days when clocks change', () => {
    for (const [time_zone, days] of [
      ['Europe/Berlin', ['2026-03-29', '2026-10-25', '2027-03-28']],
      ['America/New_York', ['2026-03-08', '2026-11-01']],
      ['Australia/Lord_Howe', ['2026-04-05', '2026-10-04']], // by half an hour
      ['Asia/Kolkata', ['2026-03-29']],
    ] as const) {
      for (const day of days) {
        const [from, to] = [`${day}T00:00Z`, new Date(Date.parse(day) + 86_400_000).toISOString()];
        const found = dueBetween({ cron: '20 * * * *', time_zone }, from, to);
        assert.deepEqual(found, byTheClock(time_zone, 20, from, to), `${time_zone} ${day}`);
      }
    }
  });
});

describe('a cron', () => {
  it('runs a skipped time once where it falls on another of its times', () => {
    assert.deepEqual(dueBetween(berlin('30 2,3 * * *'), '2026-03-29', '2026-03-30'), ['2026-03-29T01:30Z']);
  });

  it('moves a time over midnight where clocks change then', () => {
    // In Beirut 00:00 to 00:59 of 29 March 2026 do not exist.
    const beirut = { cron: '30 0 * * *', time_zone: 'Asia/Beirut' };
    assert.deepEqual(dueBetween(beirut, '2026-03-28T12:00Z', '2026-03-30T12:00Z'), [
      '2026-03-28T22:30Z',
      '2026-03-29T21:30Z',
    ]);
  });

  it('knows ranges, steps, lists, names, seconds, the last day and short forms', () => {
    const first = (cron: string, count = 3) =>
      dueBetween(utc(cron), '2026-02-27T12:00:00Z', '2027-03-01').slice(0, count);
    assert.deepEqual(first('0 6 * * 1-5', 2), ['2026-03-02T06:00Z', '2026-03-03T06:00Z']);
    assert.deepEqual(first('0 6 * * MON,wed', 2), ['2026-03-02T06:00Z', '2026-03-04T06:00Z']);
    assert.deepEqual(first('0 0 L * *'), ['2026-02-28T00:00Z', '2026-03-31T00:00Z', '2026-04-30T00:00Z']);
    assert.deepEqual(first('0 0 1,L * ?', 3), [
      '2026-02-28T00:00Z',
      '2026-03-01T00:00Z',
      '2026-03-31T00:00Z',
    ]);
    assert.deepEqual(first('0 0 13 * 5', 2), ['2026-03-06T00:00Z', '2026-03-13T00:00Z']);
    assert.deepEqual(first('*/25 12-13/1 * jan-mar 0', 2), ['2026-03-01T12:00Z', '2026-03-01T12:25Z']);
    assert.deepEqual(first('0 12 * * 7', 1), ['2026-03-01T12:00Z']);
    assert.deepEqual(first('*/20 0 12 28 2 *'), [
      '2026-02-28T12:00Z',
      '2026-02-28T12:00:20.000Z',
      '2026-02-28T12:00:40.000Z',
    ]);
    assert.deepEqual(first('@monthly', 2), ['2026-03-01T00:00Z', '2026-04-01T00:00Z']);
    assert.deepEqual(first('10/20 12 * * *'), [
      '2026-02-27T12:10Z',
      '2026-02-27T12:30Z',
      '2026-02-27T12:50Z',
    ]);
  });

  it('finds a time that is decades away, and says at once that one never comes', () => {
    const leap = dueTimes(utc('0 0 29 2 *'));
    assert.equal(leap(Date.parse('2096-03-01')), Date.parse('2104-02-29'));
    const before = process.cpuUsage();
    assert.equal(dueTimes(utc('0 0 31 4,6 *'))(0), undefined);
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 500_000, `${user + system} µs`);
  });

  it('says what it expected and what came', () => {
    const message = (timing: Timing) => {
      try {
        dueTimes(timing);
      } catch (error) {
        if (error instanceof RangeError) return error.message;
      }
      return 'no error';
    };
    assert.equal(
      message(utc('0 6 * *')),
      'cron: expected 5 fields (minute, hour, day of the month, month, day of the week), or 6 with the second first; got 4',
    );
    assert.equal(
      message(utc('0 25 * * *')),
      'cron: hours: expected 0 to 23, as *, 1-5, 1,3 or */2; got "25"',
    );
    assert.equal(
      message(utc('0 6 * * mox')),
      'cron: days of the week: expected 0 to 7 or sun to sat, as *, 1-5, 1,3 or */2; got "mox"',
    );
    assert.equal(message(utc('*/0 * * * *')), 'cron: minutes: expected a step of 1 or more; got "*/0"');
    assert.equal(message(utc('5-1 * * * *')), 'cron: minutes: expected a range from low to high; got "5-1"');
    assert.equal(
      message(utc('@often')),
      'cron: expected one of @hourly @daily @weekly @monthly @yearly; got "@often"',
    );
    for (const cron of [
      '',
      ' ',
      '* * * * * * *',
      'a b c d e',
      '1.5 * * * *',
      '-1 * * * *',
      '0 0 32 * *',
      '0 0 0 * *',
      '0 0 * 13 *',
      '1,,2 * * * *',
      '0x1 * * * *',
      'H * * * *',
      '1-2-3 * * * *',
      '99999999999 * * * *',
      ...Object.getOwnPropertyNames(Object.prototype),
    ])
      assert.match(message(utc(cron)), /^cron: .*expected .*; got /, cron);
    assert.equal(
      message({ cron: '0 6 * * *', time_zone: 'Europe/Berln' }),
      'time_zone: expected the name of a time zone, such as Europe/Berlin or UTC; got "Europe/Berln". Did you mean Europe/Berlin?',
    );
    for (const time_zone of ['+02:00', 'Mars/Phobos', '', 'Europe/Berlin\n'])
      assert.match(message({ cron: '0 6 * * *', time_zone }), /^time_zone: expected /, time_zone);
  });
});

describe('an interval', () => {
  it('is due at its multiples since 1970', () => {
    const next = dueTimes({ every_ms: 1_500 });
    assert.deepEqual([next(0), next(1_499), next(1_500), next(10_000)], [1_500, 1_500, 3_000, 10_500]);
  });
});
