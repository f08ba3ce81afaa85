/*
 * A module for `--import`: the process that loads it sees another date, as if somebody had set its clock. No real part
 * can do that to one process alone. DATE_SHIFT_MS says how wrong the date is from the start; SIGUSR2 sets it back by an
 * hour.
 */
const realNow = Date.now;
let shiftMs = Number(process.env.DATE_SHIFT_MS ?? 0);

Date.now = () => realNow() + shiftMs;
process.on('SIGUSR2', () => {
  shiftMs -= 3_600_000;
});
