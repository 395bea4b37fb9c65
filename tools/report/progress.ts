import pico from "picocolors";
import { charactersOf } from "./table";

/**
 * Where work that takes more than a moment says what it is doing. Nothing slower than two seconds
 * may run without a step.
 */
export interface Progress {
  /**
   * Starts a step.
   * @param title what is being done, without a final dot: "building the Pulumi CLI with Go"
   * @param expectedSeconds how long it usually takes; shown as "about", never as a promise
   */
  step(title: string, expectedSeconds?: number): Step;
}

/** One running step. After `done` or `fail` it is over, and further calls change nothing. */
export interface Step {
  /** What is happening inside the step now; replaces the last note. */
  note(text: string): void;
  done(summary?: string): void;
  fail(reason: string): void;
}

/** The part of a terminal or file stream that progress needs; `process.stderr` is one. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** Width in characters; 80 where it is not known. */
  readonly columns?: number | undefined;
}

const silentStep: Step = { note: () => undefined, done: () => undefined, fail: () => undefined };

/** Says nothing: for tests, and for callers that report in their own way. */
export const silentProgress: Progress = { step: () => silentStep };

/** How often a file or a CI log hears of a running step. */
const logEveryMilliseconds = 15_000;
/** Often enough that the seconds on a terminal move evenly. */
const redrawMilliseconds = 250;

/**
 * Progress on a stream. A terminal gets one live line per running step, with the time it has taken
 * and what it is expected to take; anything else (a file, a CI log, TERM=dumb) gets one line at the
 * start, one about every 15 seconds and one at the end. Colour only on a terminal, and not under NO_COLOR.
 */
export function terminalProgress(stream: ProgressStream, environment: NodeJS.ProcessEnv = process.env): Progress {
  const live = stream.isTTY === true && environment.TERM !== "dumb";
  return live ? new LiveProgress(stream, !environment.NO_COLOR) : new LogProgress(stream);
}

/**
 * Runs `work` and shows a step for it only when it takes longer than a second, for work that is
 * usually over before anyone could read the line.
 */
export async function stepIfSlow<T>(progress: Progress, title: string, work: () => Promise<T>): Promise<T> {
  let step: Step | undefined;
  const timer = setTimeout(() => (step = progress.step(title)), 1000);
  try {
    const result = await work();
    step?.done();
    return result;
  } catch (error) {
    step?.fail(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A duration as people say it: "3.7 s", "62 s", "4 min 20 s". */
export function durationText(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 180) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
}

/** A step's state, shared by both ways of showing it. */
class Running {
  private readonly startedAt = performance.now();
  note = "";
  over = false;

  constructor(
    readonly title: string,
    readonly expectedSeconds: number | undefined,
  ) {}

  get seconds(): number {
    return (performance.now() - this.startedAt) / 1000;
  }

  /** "62 s of about 170 s", or once the estimate is passed, "200 s, usually about 170 s". */
  timing(): string {
    const elapsed = durationText(Math.floor(this.seconds)).replace(".0", "");
    if (this.expectedSeconds === undefined) return elapsed;
    const expected = `about ${estimateText(this.expectedSeconds)}`;
    return this.seconds <= this.expectedSeconds ? `${elapsed} of ${expected}` : `${elapsed}, usually ${expected}`;
  }
}

/** An estimate has no decimals: it is not known that well. */
function estimateText(seconds: number): string {
  return durationText(Math.max(1, Math.round(seconds))).replace(".0", "");
}

/** Ends a running step once; what comes later is ignored. */
function stepOf(running: Running, end: (line: Ending) => void, noted: () => void): Step {
  const finish = (ending: Ending): void => {
    if (running.over) return;
    running.over = true;
    end(ending);
  };
  return {
    note(text) {
      if (running.over) return;
      running.note = text;
      noted();
    },
    done: (summary) => finish({ good: true, text: summary ?? "done" }),
    fail: (reason) => finish({ good: false, text: reason }),
  };
}

interface Ending {
  readonly good: boolean;
  readonly text: string;
}

class LogProgress implements Progress {
  constructor(private readonly stream: ProgressStream) {}

  step(title: string, expectedSeconds?: number): Step {
    const running = new Running(title, expectedSeconds);
    this.line(expectedSeconds === undefined ? title : `${title} (about ${estimateText(expectedSeconds)})`);
    const timer = setInterval(() => {
      this.line(`${title}: ${[running.timing(), running.note].filter(Boolean).join(", ")}`);
    }, logEveryMilliseconds);
    // A step that someone forgot to end must not keep the process alive.
    timer.unref();
    const end = ({ good, text }: Ending): void => {
      clearInterval(timer);
      this.line(`${title}: ${good ? "" : "failed, "}${text} (${durationText(running.seconds)})`);
    };
    return stepOf(running, end, () => undefined);
  }

  private line(text: string): void {
    this.stream.write(`${text}\n`);
  }
}

class LiveProgress implements Progress {
  private readonly colors: ReturnType<typeof pico.createColors>;
  private readonly running: Running[] = [];
  private timer: NodeJS.Timeout | undefined;
  private shown: readonly string[] = [];

  constructor(
    private readonly stream: ProgressStream,
    color: boolean,
  ) {
    this.colors = pico.createColors(color);
  }

  step(title: string, expectedSeconds?: number): Step {
    const running = new Running(title, expectedSeconds);
    this.running.push(running);
    this.timer ??= setInterval(() => this.draw(), redrawMilliseconds).unref();
    this.draw();
    const end = (ending: Ending): void => this.end(running, ending);
    return stepOf(running, end, () => this.draw());
  }

  private end(running: Running, { good, text }: Ending): void {
    this.running.splice(this.running.indexOf(running), 1);
    if (this.running.length === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
    const mark = good ? this.colors.green("✓") : this.colors.red("✗");
    this.draw(`${mark} ${running.title}: ${text} ${this.colors.dim(`(${durationText(running.seconds)})`)}\n`);
  }

  /** Replaces the live lines; `above` is printed over them and stays. */
  private draw(above = ""): void {
    const lines = this.running.map((running) => this.liveLine(running));
    if (above === "" && lines.join("\n") === this.shown.join("\n")) return;
    const erase = this.shown.length === 0 ? "" : `\u001b[${this.shown.length}A\u001b[0J`;
    this.stream.write(`${erase}${above}${lines.map((line) => `${line}\n`).join("")}`);
    this.shown = lines;
  }

  /** Cut to the terminal's width: a wrapped line would break the counting of lines to erase. */
  private liveLine(running: Running): string {
    const note = running.note === "" ? "" : ` (${running.note})`;
    const characters = charactersOf(`  ${running.title} … ${running.timing()}${note}`);
    const width = (this.stream.columns ?? 80) - 1;
    return characters.length <= width ? characters.join("") : `${characters.slice(0, width - 1).join("")}…`;
  }
}
