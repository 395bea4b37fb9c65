type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads fields of a `config.json` and remembers what is missing or of the wrong type, so that everything is
 * reported at once. A reader returns a harmless value after a problem: look at `problems` before using any.
 */
export class Fields {
  private constructor(
    private readonly json: Json,
    private readonly path: string,
    readonly problems: string[],
  ) {}

  static of(value: unknown): Fields {
    return isObject(value) ? new Fields(value, "", []) : new Fields({}, "", ["it is not an object"]);
  }

  /** The object in a field; undefined where there is none. */
  child(name: string): Fields | undefined {
    const value = this.json[name];
    return isObject(value) ? new Fields(value, `${this.path}${name}.`, this.problems) : undefined;
  }

  has(name: string): boolean {
    return this.json[name] !== undefined && this.json[name] !== null;
  }

  /** A whole number above zero that must be there. */
  count(name: string): number {
    if (this.has(name)) return this.countOr(name, 1);
    this.problems.push(`${this.path}${name} is missing`);
    return 1;
  }

  /** A whole number, zero included; the default where the field is missing or null. */
  countOr<Default>(name: string, otherwise: Default): number | Default {
    const value = this.json[name];
    if (value === undefined || value === null) return otherwise;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    this.wrong(name, "a whole number");
    return otherwise;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.json[name];
    if (value === undefined || value === null) return otherwise;
    if (typeof value !== "boolean") this.wrong(name, "true or false");
    return typeof value === "boolean" ? value : otherwise;
  }

  text(name: string): string | undefined {
    const value = this.json[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string") this.wrong(name, "a text");
    return typeof value === "string" ? value : undefined;
  }

  /** A list of texts or of numbers; undefined where the field is missing. */
  list(name: string): readonly (string | number)[] | undefined {
    const value = this.json[name];
    if (value === undefined || value === null) return undefined;
    const isListed = (item: unknown): item is string | number => typeof item === "string" || typeof item === "number";
    if (Array.isArray(value) && value.every(isListed)) return value;
    this.wrong(name, "a list");
    return undefined;
  }

  /** The objects in the fields of an object. */
  children(name: string): readonly Fields[] {
    const parent = this.child(name);
    if (parent === undefined) return [];
    return Object.keys(parent.json).flatMap((key) => parent.child(key) ?? []);
  }

  problem(text: string): void {
    this.problems.push(text);
  }

  private wrong(name: string, expected: string): void {
    this.problems.push(`${this.path}${name} must be ${expected}, and is ${JSON.stringify(this.json[name])}`);
  }
}
