// One line of JSON in, {"text": …}, one line out: the value that feelin gives, or why it gives none.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const feelin = await import(pathToFileURL(process.argv[2]).href);

/** A moment's clock; a zone of the system is none at all. */
function clock(value) {
  const local = value.zone.type === 'system';
  return [
    value.hour, value.minute, value.second, value.millisecond, local ? null : value.offset,
  ];
}

function temporal(value) {
  const day = [value.year, value.month, value.day];
  if (day.join() === '1900,1,1') return { time: clock(value) };
  const utc = value.zone.type === 'fixed' && value.offset === 0;
  const midnight = !value.hour && !value.minute && !value.second && !value.millisecond;
  return utc && midnight ? { date: day } : { moment: [...day, ...clock(value)] };
}

function duration(value) {
  const months = (value.years || 0) * 12 + (value.quarters || 0) * 3 + (value.months || 0);
  const days = value.set({ years: 0, quarters: 0, months: 0 }).toMillis();
  if (months && days) return { odd: 'duration' };
  return months ? { months } : { milliseconds: days };
}

function plain(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return { string: value };
  if (typeof value === 'number') {
    return Number.isFinite(value) ? { number: String(value) } : { odd: String(value) };
  }
  if (Array.isArray(value)) return { list: value.map(plain) };
  if (value.isLuxonDateTime) return value.isValid ? temporal(value) : { odd: 'date' };
  if (value.isLuxonDuration) return value.isValid ? duration(value) : { odd: 'duration' };
  const name = value.constructor.name;
  if (name === 'Range') {
    const ends = [value['start included'] === true, value['end included'] === true];
    return { range: [plain(value.start), plain(value.end), ...ends] };
  }
  if (Object.getPrototypeOf(value) === Object.prototype) {
    return { context: Object.entries(value).map(([key, part]) => [key, plain(part)]) };
  }
  return typeof value === 'function' || name === 'FunctionWrapper' ? { function: true } : { odd: name };
}

function answer(text) {
  try {
    return { value: plain(feelin.evaluate(text, {}).value) };
  } catch (error) {
    return { failed: `${error.constructor.name}: ${error.message}`.slice(0, 300) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line).text))}\n`);
}
